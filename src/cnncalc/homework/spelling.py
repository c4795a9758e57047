"""How people write an answer by hand, in LaTeX, on other keyboards and in other countries: all of it in one form."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import decimal, decomposition, normalize

# How numbers and operators are written by hand, and on a keyboard with more keys.
_SIGNS: Final = str.maketrans(
    {
        "\N{MINUS SIGN}": "-",
        "\N{EN DASH}": "-",
        **dict.fromkeys("\N{MULTIPLICATION SIGN}\N{MULTIPLICATION X}\N{HEAVY MULTIPLICATION X}\u2715\u2a2f", "x"),
        # The Cyrillic letters that look the same.
        **dict.fromkeys("\N{CYRILLIC SMALL LETTER HA}\N{CYRILLIC CAPITAL LETTER HA}", "x"),
        **dict.fromkeys("\N{MIDDLE DOT}\N{DOT OPERATOR}\N{ASTERISK OPERATOR}\N{BULLET OPERATOR}", "*"),
        **dict.fromkeys("\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}", "'"),
        **dict.fromkeys("\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}", '"'),
        "\N{LEFT FLOOR}": "floor(",
        "\N{RIGHT FLOOR}": ")",
        "\N{LEFT CEILING}": "ceil(",
        "\N{RIGHT CEILING}": ")",
        "\N{FRACTION SLASH}": "/",
        "\N{ALMOST EQUAL TO}": "~",
        "[": "(",
        "]": ")",
        "$": "",
        **dict.fromkeys("\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}", ""),
    }
)
_SUPERSCRIPTS: Final = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
_LATEX: Final = (
    (r"\{,\}", ","),
    (r"\\[,;: ]", " "),
    (r"\\(?:left|right)(?![a-z])", ""),
    (r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))"),
    (r"\\([lr])(floor|ceil)(?![a-z])", lambda match: f"{match[2]}(" if match[1] == "l" else ")"),
    (r"\\(?:text|mathrm)\s*\{([^{}]*)\}", r"\1"),
    (r"\\times", "x"),
    (r"\\cdot", "*"),
    (r"\\approx", "~"),
    (r"\{", "("),
    (r"\}", ")"),
)
# What is counted. No word of it is a letter that a formula may hold.
_NOUNS: Final = (
    r"(?:(?:trainable|learnable|learned|learnt|free|total|output) )*"
    r"(?:param(?:eter)?s?|weights?(?: (?:and|&|\+) bias(?:es)?)?|bias(?:es)?|neurons?|units?|values?|activations?|"
    r"numbers?|elements?|features?|connections?|pixels?|px|floats?|(?:non-?)?trainable|"
    r"learnable|macs?|flops?|mult(?:iplication)?s?|"
    r"mult?i?p?l?y?[- ]?(?:adds?|acc(?:umulate)?s?)(?: op(?:eration)?s?)?|madds?|"
    r"(?:floating[- ]point )?op(?:eration)?s?|bytes?)(?: in total| total| altogether)?"
)
# What an answer may be called.
_NAMES: Final = r"jump|stride|pad(?:ding)?|kernel|window|rf|receptive field"
# A batch in front whose size is not known, with what separates it: `None x`, `(batch, `.
BATCH: Final = (
    r"(?:(?i:None|batch(?:[_ ]?size)?)|(?:-1|\?)(?=\s*,|(?:\s*[xX*;]\s*\w+){3}))"
    r"\s*[xX*,;]\s*(?=[\w(])"
)
# An arrow from a calculation to what it comes to: `(227 - 11)/4 + 1 = 55 -> 55x55x96`.
_ARROW: Final = r"(?:->|=>|[\u2192\u21d2\u27f6\u2234]|,?\s\b(?:so|thus|hence|therefore)\b)"
# What stands around an answer, in any of them.
_AROUND: Final = (
    (rf"\s*{_ARROW}\D*$", ""),
    (rf"^.*{_ARROW}\s*", ""),
    (r"^[A-Za-z][A-Za-z #]*(?::|\b(?:is|are)\b)\s*", ""),
    (r"^[A-Za-z][\w #]*:\s+", ""),
    (r"(?i)^(?:total(?: of)?|ans(?:wer)?\.?|it'?s|(?:i|we) (?:get|got|think|find|have))\s+(?=[\d(])", ""),
    # `750 (+10 biases)` is a sum, `760 (= 750 + 10)` is said twice.
    (r"(?<=[\d)])\s*\(\s*\+([^()]*)\)$", r"+\1"),
    (r"\s*\(\s*=[^()]*\)$", ""),
    (r"^(?:an?|the)\s+(?=[\d(]|vector)", ""),
    # What is said of a number in brackets behind it; a few letters may be factors, and no word.
    (r"(?<=[\d)])\s*\([^()\d+*/]*[a-z]{4}[^()\d+*/]*\)", ""),
    (rf"(?i)(?<=\d)(\s*{_NOUNS})?\s+\([^()]*[a-z]{{3}}[^()]*\)$", r"\1"),
    (r"(?<=\d[KMGTBb])\s+\([^()]*[A-Za-z]{3}[^()]*\)$|(?<=\)|B)\s+\([^()]*[A-Za-z]{3}[^()]*\)$", ""),
    (rf"(?i)^(?:exactly|precisely|equals|{_NAMES}|{_NOUNS})\s+(?=[\d(])", ""),
    (r"\s*\(?\b(?:incl(?:uding|\.)?|excl(?:uding|\.)?|with(?:out)?|w/o?|no)\s+(?:the\s+)?bias(?:es)?\)?$", ""),
    (r"(?<=\d)\s+(?:in total|total|altogether)$", ""),
    (r"torch\.Size|(?:tf\.)?TensorShape", ""),
    (r"^\(\(([^()]*)\)\)$", r"(\1)"),
    # A batch that is not known, as model summaries print it.
    (rf"^(\(?)\s*{BATCH}", r"\1"),
    (r"\^", "**"),
    (r"(?i)^(?:about|approx(?:imately|\.)?|around|roughly|circa|ca\.|~)\s*", "~"),
    (r"\s*\b-?by-?\b\s*", "x"),
)
_COUNTED: Final = (
    (r"(?<=[\d.)])\s*[x*]\s*10\*\*\(?(\d+)\)?$", r"e\1"),
    (r"(?i)(?<=\d)\s*thousands?\b", "K"),
    (r"(?i)(?<=\d)\s*(?:millions?|mio\b\.?|mill\.)(?!\w)", "M"),
    (r"(?i)(?<=\d)\s*billions?\b", "G"),
    (r"(?i)(?<=\d)\s*(?:kilo|(ki)bi)-?bytes?$", r"K\1B"),
    (r"(?i)(?<=\d)\s*(?:mega|(me)bi)-?bytes?$", r"M\1B"),
    (r"(?i)(?<=\d)\s*(?:giga|(gi)bi)-?bytes?$", r"G\1B"),
    (r"(?<=\d)([KMG])(?:ki|Ki|me|Me|gi|Gi)B$", r"\1iB"),
    (r"(?<=\d)\s*([kKMGT]i?)[Bb]ytes?$", r"\1B"),
    (r"(?i)(?<=\d)\s*bits?$", "/8"),
    (rf"(?i)(?<=\d)\s+(?=(?:[KMGT]i?B?|B|[KMGT] ?{_NOUNS})$)", ""),
    # `1.2 GFLOPs`: the unit stays.
    (rf"(?i)(?<=[\d.][KMGT])\s*{_NOUNS}$", ""),
    # `750 weights + 10 biases`.
    (rf"(?i)(?<=[\d)])\s*{_NOUNS}\s*(?:\+|and|plus)\s*(?=[\d(])", "+"),
    (rf"(?i)(?<=[\d)])\s*{_NOUNS}$", ""),
    (rf"(?i)^(?:none|zero|nothing|no {_NOUNS}|there (?:are|is) none)$", "0"),
    (r"^\+", ""),
)
_MAPS: Final = r"(?:(?:feature|activation) )?maps?|channels?|filters?|planes?"
_EXTENTS: Final = (
    r"windows?|regions?|fields?|high|wide|tall|deep|long|rows?|columns?|outputs?|volume|images?|tensor|vector"
)
_SIDES: Final = r"(?:on|per|at|for)\s+(?:(?:each|every|all|both|the)\s+)?(?:side|ax[ie]s|edge|border|dimension)s?"
_VECTOR: Final = r"(?:(?:flat|1-?d|column|row)\s+)*(?:(?:vector|array|list|length)\s*)+"
_SIZED: Final = (
    # `6@28x28` and `6 feature maps of 28x28`: a size is written with its channels last.
    (rf"(?i)^(\d+)\s*(?:{_MAPS})?\s*(?:@|of\b)\s*(?:size\s*)?\(?(\d+\s*[x*,]\s*\d+)\)?$", r"\2x\1"),
    (r"^\(?(\d+\s*[x*,]\s*\d+)\)?\s*@\s*(\d+)$", r"\1x\2"),
    (r"^(\d+)\s*x\s*\((\d+\s*x\s*\d+)\)$", r"\2x\1"),
    (r"^(\d+)\s*([/:|])\s*(\d+)\s*\2\s*(\d+)$", r"\1x\3x\4"),
    # `55(H) x 55(W) x 96(C)`, `55x55, depth 96`, `a vector of length 400`, `3 on each side`.
    (r"(?<=\d)\s*\([HWCDK]\)", ""),
    (rf"(?i),\s*(?:with\s+)?(?:depth|{_MAPS})\s+(?=\d)", ","),
    (rf"(?i)^{_VECTOR}(?:(?:of|with|size|length)\s*)*(?=\d)", ""),
    (r"(?i)(?<=\d)(?:-d\b|[\s-]?dim(?:ension(?:al|s)?)?s?\b)", ""),
    (rf"(?i)(?<=[\d)])\s+{_SIDES}$", ""),
    (rf"(?i)(?<=[\d)])[\s-]*(?:{_MAPS}|{_NOUNS}|{_EXTENTS})(?![a-z])", ""),
    (r"\s*,?\s*(?:with|and)\s+", ","),
    (r"(?i)^(?:(?:output|input|volume|size|shape|map|of)\s+)+(?=[\d(])", ""),
    (r"(?<![\d.])(\d+|\([^()]*\))\*\*2(?!\d)", r"\1x\1"),
    (r"(?<![\d.])(\d+)\*\*3(?!\d)", r"\1x\1x\1"),
    (r"(?<![\d.])(\d+) (\d+/\d+)", r"(\1+\2)"),
    (r";", ","),
    (r",\s*\)$", ")"),
    (r"(?i)^(?:none|zero|no padding)$", "0"),
)
_ASSIGNED: Final = r"([A-Za-z]\w*)(?:\s*[=:]\s*|\s+)(\d+)"
# In which order the numbers of a map stand, by the first letter of what they are called.
_PLACES: Final = {"h": 0, "w": 1, "c": 2, "d": 2, "k": 2, "f": 2}


def canonical(text: str, *, is_size: bool) -> str:
    """The text in the signs of the language: without what stands around the answer; of an equation its end.

    >>> canonical("Total: (5·5·3 + 1)·10 = 760 parameters.", is_size=False)
    '760'
    >>> canonical("10@28x28", is_size=True), canonical("1.38·10⁸", is_size=False)
    ('28x28x10', '1.38e8')
    """
    text = " ".join(in_signs(text).split())
    text = text.strip("\"'` ").rstrip(".,;!\"'` ")
    # Nobody knows better: `760?`; and `.5` is a half.
    text = re.sub(r"(?<=[\d)])\s*\?+$", "", text)
    text = re.sub(r"(?<![\w.)])\.(?=\d)", "0.", text)
    if is_size:
        text = _assigned(text)
    for pattern, replacement in _AROUND:
        text = re.sub(pattern, replacement, text)
    text = text.rpartition("=")[2].strip()
    for pattern, replacement in _SIZED if is_size else _COUNTED:
        text = re.sub(pattern, replacement, text)
    return text


def in_signs(text: str) -> str:
    """The text in ASCII where that can say the same: full-width digits, powers, signs, and LaTeX."""
    if not text.isascii():
        text = re.sub(f"[{_SUPERSCRIPTS}]+", lambda match: f"**{normalize('NFKC', match[0])}", text)
        text = "".join(map(_in_ascii, text.translate(_SIGNS)))
    text = text.translate(_SIGNS)
    if "\\" in text or "{" in text:
        for pattern, replacement in _LATEX:
            text = re.sub(pattern, replacement, text)
    return text


def _in_ascii(character: str) -> str:
    """A sign of another form or script as the ASCII that says the same: digits, and `1/2` behind a blank for a half."""
    digit = decimal(character, None)
    if digit is not None:
        return str(digit)
    before = " " if decomposition(character).startswith("<fraction>") else ""
    return before + normalize("NFKC", character).replace("\N{FRACTION SLASH}", "/")


def _assigned(text: str) -> str:
    """`W = 28, H = 28, D = 10` as a size, height first."""
    pairs = re.findall(_ASSIGNED, text)
    bare = re.sub(_ASSIGNED, "", text).strip("()x,; ")
    places = sorted(_PLACES.get(name[0].lower(), 3) for name, _ in pairs)
    if bare.strip(" x,;") or places not in ([0, 1], [0, 1, 2]):
        parts = re.split(r"\s*(?:[,;]|\band\b)\s*", text)
        # `(6-1)*2+3 = 13, (4-1)*2+3 = 9`: a calculation for each axis.
        ends = [part.rpartition("=")[2].strip() for part in parts]
        is_each = len(parts) > 1 and all("=" in part for part in parts) and all(map(str.isdecimal, ends))
        return "x".join(ends) if is_each else text
    return "x".join(number for _, number in sorted(pairs, key=lambda pair: _PLACES[pair[0][0].lower()]))
