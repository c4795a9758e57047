"""What each format makes of a few small networks, whole. Read before you change one: users read no more."""

from __future__ import annotations

from typing import Final

MNIST: Final = "mnist"
CONCAT: Final = (
    "input 28x28x8; conv 8 1x1 relu; concat { conv 4 1x1 | conv 2 1x1; conv 6 3x3 same | maxpool 3x3 s1 p1 } ; gap"
)
NESTED: Final = "input 8x8x4; add { conv 4 3x3 p1; concat { conv 2 1x1 | identity; conv 2 3x3 p1 } | }; relu"
ASIDE: Final = (
    "input 8x8x4; aux { gap }; aux { add { conv 4 3x3 p1 | identity }; flatten; dense 2 }; "
    "concat { relu | aux { bn } }; bn"
)
SYMBOLIC: Final = "input 32x32x3; conv n 5x5; conv 4 3x3 p1"
SEQUENCE: Final = "input 20x3; conv 4 3 s2; bn; gap; dense 5"
VECTOR: Final = "input 10; dense 5 relu; dense 2"
WRONG: Final = (
    "input 32x32x3; conv 2 5x5 -> 28x28x2, params 150; bn -> params 8; flatten; dense 10 -> params 16K; -> macs 1"
)
ALL: Final = (MNIST, CONCAT, NESTED, ASIDE, SYMBOLIC, SEQUENCE, VECTOR, WRONG)

# What a terminal of 100 columns shows.
TABLES: Final = {
    MNIST: """\
name      kind     config                  output   params  rf       macs  memory (B)  answer
─────────────────────────────────────────────────────────────────────────────────────────────
input     input    -                      28x28x1        0   1          0       3,136  -
conv1     conv     32 3x3 s1 valid relu  26x26x32      320   3    194,688      86,528  right
maxpool1  maxpool  2x2 s2 valid          13x13x32        0   4          0      21,632  right
conv2     conv     64 3x3 s1 valid relu  11x11x64   18,496   8  2,230,272      30,976  right
maxpool2  maxpool  2x2 s2 valid            5x5x64        0  10          0       6,400  right
flatten1  flatten  -                         1600        0  10          0           0  right
dense1    dense    64 relu                     64  102,464  26    102,400         256  right
dense2    dense    10 softmax                  10      650  26        640          40  right
─────────────────────────────────────────────────────────────────────────────────────────────
total                                              121,930      2,528,000     148,968  right

params 121,930   macs 2,528,000   flops 5,056,000
batch 1   dtype float32   activation memory 0.149 MB (0.142 MiB)
parameter memory 0.488 MB (0.465 MiB)   training memory with Adam 2.25 MB (2.14 MiB)
right: 13 of 13 answers
note: maxpool2 does not tile its input: (11 - 2)/2 is not whole; rounded down, and rows 26-27 and
columns 26-27 of the input are never read
note: dense1 holds 84% of the parameters
""",
    CONCAT: """\
name        config                 output  params  rf     macs  memory (B)  from
────────────────────────────────────────────────────────────────────────────────────────────────
input       -                     28x28x8       0   1        0      25,088  -
conv1       8 1x1 s1 valid relu   28x28x8      72   1   50,176      25,088  input
╭ conv2     4 1x1 s1 valid        28x28x4      36   1   25,088      12,544  conv1
├ conv3     2 1x1 s1 valid        28x28x2      18   1   12,544       6,272  conv1
│ conv4     6 3x3 s1 same         28x28x6     114   3   84,672      18,816  conv3
├ maxpool1  3x3 s1 p1             28x28x8       0   3        0      25,088  conv1
╰ concat1   -                    28x28x18       0   3        0      56,448  conv2,conv4,maxpool1
gap1        -                          18       0  28        0          72  concat1
────────────────────────────────────────────────────────────────────────────────────────────────
total                                         240      172,480     169,416

params 240   macs 172,480   flops 344,960
batch 1   dtype float32   activation memory 0.169 MB (0.162 MiB)   parameter memory 960 B
training memory with Adam 0.343 MB (0.327 MiB)
""",
    NESTED: """\
name           kind      config          output  params  rf    macs  memory (B)  from
──────────────────────────────────────────────────────────────────────────────────────────────
input          input     -                8x8x4       0   1       0       1,024  -
╭ conv1        conv      4 3x3 s1 p1      8x8x4     148   3   9,216       1,024  input
│ ╭ conv2      conv      2 1x1 s1 valid   8x8x2      10   3     512         512  conv1
│ ├ identity1  identity  -                8x8x4       0   3       0           0  conv1
│ │ conv3      conv      2 3x3 s1 p1      8x8x2      74   5   4,608         512  identity1
│ ╰ concat1    concat    -                8x8x4       0   5       0       1,024  conv2,conv3
╰ add1         add       -                8x8x4       0   5       0       1,024  concat1,input
relu1          relu      -                8x8x4       0   5       0       1,024  add1
──────────────────────────────────────────────────────────────────────────────────────────────
total                                               232      14,336       6,144

params 232   macs 14,336   flops 28,672
batch 1   dtype float32   activation memory 6,144 B   parameter memory 928 B
training memory with Adam 0.0160 MB (0.0153 MiB)
""",
    ASIDE: """\
name            kind      config       output  params  rf   macs  memory (B)  from
─────────────────────────────────────────────────────────────────────────────────────────────
input           input     -             8x8x4       0   1      0       1,024  -
╶ aux: gap1     gap       -                 4       0   8      0          16  input
┌ ╭ aux: conv1  conv      4 3x3 s1 p1   8x8x4     148   3  9,216       1,024  input
┆ ├ identity1   identity  -             8x8x4       0   1      0           0  input
┆ ╰ add1        add       -             8x8x4       0   3      0       1,024  conv1,identity1
┆ flatten1      flatten   -               256       0   3      0           0  add1
└ dense1        dense     2                 2     514   8    512           8  flatten1
╭ relu1         relu      -             8x8x4       0   1      0       1,024  input
├ ╶ aux: bn1    bn        -             8x8x4       8   1      0       1,024  input
╰ concat1       concat    -             8x8x8       0   1      0       2,048  relu1,input
bn2             bn        -             8x8x8      16   1      0       2,048  concat1
─────────────────────────────────────────────────────────────────────────────────────────────
total                                             686      9,728       9,240

params 686 + 24 non-trainable = 710   macs 9,728   flops 19,456
batch 1   dtype float32   activation memory 9,240 B   parameter memory 2,840 B
training memory with Adam 0.0296 MB (0.0282 MiB)
note: dense1 holds 72% of the parameters
""",
    SYMBOLIC: """\
name   kind   config           output     params  rf     macs      memory (B)
─────────────────────────────────────────────────────────────────────────────
input  input  -               32x32x3          0   1        0          12,288
conv1  conv   n 5x5 s1 valid  28x28xn       76*n   5  58800*n          3136*n
conv2  conv   4 3x3 s1 p1     28x28x4   36*n + 4   7  28224*n          12,544
─────────────────────────────────────────────────────────────────────────────
total                                  112*n + 4      87024*n  3136*n + 24832

params 112*n + 4   macs 87024*n   flops 174048*n
batch 1   dtype float32   activation memory 3136*n + 24832 B   parameter memory 448*n + 16 B
training memory with Adam 8064*n + 49728 B
""",
    SEQUENCE: """\
name    kind   config        output  params  rf  macs  memory (B)
─────────────────────────────────────────────────────────────────
input   input  -               20x3       0   1     0         240
conv1   conv   4 3 s2 valid     9x4      40   3   324         144
bn1     bn     -                9x4       8   3     0         144
gap1    gap    -                  4       0  19     0          16
dense1  dense  5                  5      25  19    20          20
─────────────────────────────────────────────────────────────────
total                                    73       344         564

params 73 + 8 non-trainable = 81   macs 344   flops 688
batch 1   dtype float32   activation memory 564 B   parameter memory 324 B
training memory with Adam 2,328 B
note: the input 20x3 is read as a sequence of 20 steps with 3 channels; an image with one channel is
written 20x3x1
note: conv1 does not tile its input: (20 - 3)/2 is not whole; rounded down, and step 19 of the input
is never read
""",
    VECTOR: """\
name    kind   config  output  params  rf  macs  memory (B)
───────────────────────────────────────────────────────────
input   input  -           10       0   -     0          40
dense1  dense  5 relu       5      55   -    50          20
dense2  dense  2            2      12   -    10           8
───────────────────────────────────────────────────────────
total                              67        60          68

params 67   macs 60   flops 120
batch 1   dtype float32   activation memory 68 B   parameter memory 268 B
training memory with Adam 1,208 B
""",
    WRONG: """\
name      config           output  params  rf     macs  memory (B)  answer
─────────────────────────────────────────────────────────────────────────────────────────────
input     -               32x32x3       0   1        0      12,288  -
conv1     2 5x5 s1 valid  28x28x2     152   5  117,600       6,272  wrong: params
bn1       -               28x28x2       4   5        0       6,272  right: with-non-trainable
flatten1  -                  1568       0   5        0           0  -
dense1    10                   10  15,690  32   15,680          40  right: rounded
─────────────────────────────────────────────────────────────────────────────────────────────
total                              15,846      133,280      24,872  wrong: macs

params 15,846 + 4 non-trainable = 15,850   macs 133,280   flops 266,560
batch 1   dtype float32   activation memory 0.0249 MB (0.0237 MiB)
parameter memory 0.0634 MB (0.0605 MiB)   training memory with Adam 0.303 MB (0.289 MiB)
wrong: conv1: params 150 is wrong; it is 152 (150 = 5·5·3·2 leaves out the 2 biases; (5·5·3 + 1)·2 =
152)
wrong: total: macs 1 is wrong; it is 133,280
right: bn1: params 8 is right under the convention with-non-trainable
right: dense1: params 16,000 is right, rounded from 15,690
right: 3 of 5 answers
note: dense1 holds 98% of the parameters
""",
}

PLAIN: Final = {
    MNIST: """\
name      kind     config                  output  params  rf     macs  memory  answer
input     input    -                      28x28x1       0   1        0    3136  -
conv1     conv     32,3x3,s1,valid,relu  26x26x32     320   3   194688   86528  right
maxpool1  maxpool  2x2,s2,valid          13x13x32       0   4        0   21632  right
conv2     conv     64,3x3,s1,valid,relu  11x11x64   18496   8  2230272   30976  right
maxpool2  maxpool  2x2,s2,valid            5x5x64       0  10        0    6400  right
flatten1  flatten  -                         1600       0  10        0       0  right
dense1    dense    64,relu                     64  102464  26   102400     256  right
dense2    dense    10,softmax                  10     650  26      640      40  right
total     -        -                            -  121930   -  2528000  148968  right
""",
    CONCAT: """\
name      kind     config                 output  params  rf    macs  memory  from
input     input    -                     28x28x8       0   1       0   25088  -
conv1     conv     8,1x1,s1,valid,relu   28x28x8      72   1   50176   25088  input
conv2     conv     4,1x1,s1,valid        28x28x4      36   1   25088   12544  conv1
conv3     conv     2,1x1,s1,valid        28x28x2      18   1   12544    6272  conv1
conv4     conv     6,3x3,s1,same         28x28x6     114   3   84672   18816  conv3
maxpool1  maxpool  3x3,s1,p1             28x28x8       0   3       0   25088  conv1
concat1   concat   -                    28x28x18       0   3       0   56448  conv2,conv4,maxpool1
gap1      gap      -                          18       0  28       0      72  concat1
total     -        -                           -     240   -  172480  169416  -
""",
    NESTED: """\
name       kind      config          output  params  rf   macs  memory  from
input      input     -                8x8x4       0   1      0    1024  -
conv1      conv      4,3x3,s1,p1      8x8x4     148   3   9216    1024  input
conv2      conv      2,1x1,s1,valid   8x8x2      10   3    512     512  conv1
identity1  identity  -                8x8x4       0   3      0       0  conv1
conv3      conv      2,3x3,s1,p1      8x8x2      74   5   4608     512  identity1
concat1    concat    -                8x8x4       0   5      0    1024  conv2,conv3
add1       add       -                8x8x4       0   5      0    1024  concat1,input
relu1      relu      -                8x8x4       0   5      0    1024  add1
total      -         -                    -     232   -  14336    6144  -
""",
    ASIDE: """\
name       kind      config       output  params  rf  macs  memory  from
input      input     -             8x8x4       0   1     0    1024  -
gap1       gap       -                 4       0   8     0      16  input
conv1      conv      4,3x3,s1,p1   8x8x4     148   3  9216    1024  input
identity1  identity  -             8x8x4       0   1     0       0  input
add1       add       -             8x8x4       0   3     0    1024  conv1,identity1
flatten1   flatten   -               256       0   3     0       0  add1
dense1     dense     2                 2     514   8   512       8  flatten1
relu1      relu      -             8x8x4       0   1     0    1024  input
bn1        bn        -             8x8x4       8   1     0    1024  input
concat1    concat    -             8x8x8       0   1     0    2048  relu1,input
bn2        bn        -             8x8x8      16   1     0    2048  concat1
total      -         -                 -     686   -  9728    9240  -
""",
    SYMBOLIC: """\
name   kind   config           output   params  rf     macs        memory
input  input  -               32x32x3        0   1        0         12288
conv1  conv   n,5x5,s1,valid  28x28xn     76*n   5  58800*n        3136*n
conv2  conv   4,3x3,s1,p1     28x28x4   36*n+4   7  28224*n         12544
total  -      -                     -  112*n+4   -  87024*n  3136*n+24832
""",
    SEQUENCE: """\
name    kind   config        output  params  rf  macs  memory
input   input  -               20x3       0   1     0     240
conv1   conv   4,3,s2,valid     9x4      40   3   324     144
bn1     bn     -                9x4       8   3     0     144
gap1    gap    -                  4       0  19     0      16
dense1  dense  5                  5      25  19    20      20
total   -      -                  -      73   -   344     564
""",
    VECTOR: """\
name    kind   config  output  params  rf  macs  memory
input   input  -           10       0   -     0      40
dense1  dense  5,relu       5      55   -    50      20
dense2  dense  2            2      12   -    10       8
total   -      -            -      67   -    60      68
""",
    WRONG: """\
name      kind     config           output  params  rf    macs  memory  answer
input     input    -               32x32x3       0   1       0   12288  -
conv1     conv     2,5x5,s1,valid  28x28x2     152   5  117600    6272  wrong:params
bn1       bn       -               28x28x2       4   5       0    6272  right:with-non-trainable
flatten1  flatten  -                  1568       0   5       0       0  -
dense1    dense    10                   10   15690  32   15680      40  right:rounded
total     -        -                     -   15846   -  133280   24872  wrong:macs
""",
}

# The network with wrong answers, with the columns name, config, output, params and answer.
DOCUMENTS: Final = {
    "tsv": """\
name	config	output	params	answer
conv1	2 5x5 s1 valid	28x28x2	152	wrong: params
bn1	-	28x28x2	4	right: with-non-trainable
flatten1	-	1568	0	-
dense1	10	10	15690	right: rounded
""",
    "csv": """\
name,config,output,params,answer
conv1,2 5x5 s1 valid,28x28x2,152,wrong: params
bn1,-,28x28x2,4,right: with-non-trainable
flatten1,-,1568,0,-
dense1,10,10,15690,right: rounded
""",
    "markdown": """\
| name     | config         |  output | params | answer                    |
| -------- | -------------- | ------: | -----: | ------------------------- |
| input    | -              | 32x32x3 |      0 | -                         |
| conv1    | 2 5x5 s1 valid | 28x28x2 |    152 | wrong: params             |
| bn1      | -              | 28x28x2 |      4 | right: with-non-trainable |
| flatten1 | -              |    1568 |      0 | -                         |
| dense1   | 10             |      10 | 15,690 | right: rounded            |
| total    |                |         | 15,846 | wrong: macs               |

- **wrong**: conv1: params 150 is wrong; it is 152 (150 = 5·5·3·2 leaves out the 2 biases; (5·5·3 + 1)·2 = 152)
- **wrong**: total: macs 1 is wrong; it is 133,280
- right: bn1: params 8 is right under the convention with-non-trainable
- right: dense1: params 16,000 is right, rounded from 15,690
- right: 3 of 5 answers
- note: dense1 holds 98% of the parameters
""",
    "latex": r"""% \usepackage{booktabs}
\begin{tabular}{llrrl}
\toprule
name & config & output & params & answer \\
\midrule
input & - & 32x32x3 & 0 & - \\
conv1 & 2 5x5 s1 valid & 28x28x2 & 152 & wrong: params \\
bn1 & - & 28x28x2 & 4 & right: with-non-trainable \\
flatten1 & - & 1568 & 0 & - \\
dense1 & 10 & 10 & 15,690 & right: rounded \\
\midrule
total &  &  & 15,846 & wrong: macs \\
\bottomrule
\end{tabular}

\noindent
\textbf{wrong}: conv1: params 150 is wrong; it is 152 (150 = 5·5·3·2 leaves out the 2 biases; (5·5·3 + 1)·2 = 152) \\
\textbf{wrong}: total: macs 1 is wrong; it is 133,280 \\
right: bn1: params 8 is right under the convention with-non-trainable \\
right: dense1: params 16,000 is right, rounded from 15,690 \\
right: 3 of 5 answers \\
note: dense1 holds 98\% of the parameters
""",
}

ASCII: Final = """\
name            config       output  params  rf   macs
------------------------------------------------------
input           -             8x8x4       0   1      0
- aux: gap1     -                 4       0   8      0
, , aux: conv1  4 3x3 s1 p1   8x8x4     148   3  9,216
: + identity1   -             8x8x4       0   1      0
: ` add1        -             8x8x4       0   3      0
: flatten1      -               256       0   3      0
` dense1        2                 2     514   8    512
, relu1         -             8x8x4       0   1      0
+ - aux: bn1    -             8x8x4       8   1      0
` concat1       -             8x8x8       0   1      0
bn2             -             8x8x8      16   1      0
------------------------------------------------------
total                                   686      9,728

params 686 + 24 non-trainable = 710   macs 9,728
flops 19,456
batch 1   dtype float32   activation memory 9,240 B
parameter memory 2,840 B
training memory with Adam 0.0296 MB (0.0282 MiB)
note: dense1 holds 72% of the parameters
"""

NARROW: Final = """\
name        output  params  answer
──────────────────────────────────
input      32x32x1       0  -
conv1      28x28x6     156  right
avgpool1   14x14x6       0  right
conv2     10x10x16   2,416  right
avgpool2    5x5x16       0  right
flatten1       400       0  right
dense1         120  48,120  right
dense2          84  10,164  right
dense3          10     850  right
──────────────────────────────────
total               61,706  right

params 61,706   macs 416,520
flops 833,040
batch 1   dtype float32
activation memory 0.0365 MB (0.0348 MiB)
parameter memory 0.247 MB (0.235 MiB)
training memory with Adam
1.06 MB (1.01 MiB)
right: 20 of 20 answers
note: dense1 holds 77% of the parameters
"""

JSON: Final = """\
{
  "spec": "input 2x2x1; conv 1 2x2 -> params 5",
  "input": [2, 2, 1],
  "layout": "channels-last",
  "batch": 1,
  "dtype": "float32",
  "layers": [
    {"index": 1, "name": "conv1", "kind": "conv", "config": "1 2x2 s1 valid", "from": ["input"], "weights_of": null, "inputs": [[2, 2, 1]], "output": [1, 1, 1], "params": 5, "trainable": 5, "non_trainable": 0, "macs": 4, "flops": 8, "activations": 1, "activation_bytes": 4, "param_bytes": 20, "rf": {"size": [2, 2], "stride": [1, 1], "start": [0, 0], "center": ["1/2", "1/2"]}}
  ],
  "output": [1, 1, 1],
  "totals": {
    "params": 5,
    "trainable": 5,
    "non_trainable": 0,
    "params_with_non_trainable": 5,
    "macs": 4,
    "flops": 8,
    "activations": 5,
    "activation_bytes": 20,
    "param_bytes": 20,
    "training": {"sgd": {"params": 20, "gradients": 20, "optimizer": 0, "activations": 20, "activation_gradients": 20, "total": 80}, "momentum": {"params": 20, "gradients": 20, "optimizer": 20, "activations": 20, "activation_gradients": 20, "total": 100}, "adam": {"params": 20, "gradients": 20, "optimizer": 40, "activations": 20, "activation_gradients": 20, "total": 120}}
  },
  "answers": [
    {"layer": "conv1", "quantity": "params", "given": 5, "expected": 5, "verdict": "right", "mistakes": []}
  ],
  "notes": []
}
"""
