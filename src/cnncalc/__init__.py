"""cnncalc: a calculator for convolutional networks that needs no deep-learning framework.

>>> import cnncalc
>>> report = cnncalc.analyze("conv 32 3x3 s1 same; pool 2x2", input="224x224x3")
>>> report.output, report.totals.params
((112, 112, 32), 896)
"""

from cnncalc.report import Report, analyze
from cnncalc.spec.source import SpecError

__version__ = "0.1.0"
__all__ = ["Report", "SpecError", "__version__", "analyze"]
