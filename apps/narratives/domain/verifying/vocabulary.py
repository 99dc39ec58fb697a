"""The closed vocabulary of a narrative: words that carry no clinical claim, and what a narrative may never hold."""

import re
from typing import Final

LEXICON_VERSION: Final = "1.0"

# Words without a claim of their own; what claims something is in claims.py, a value (value_grammar.py) or a cited term.
_NEUTRAL_WORDS_TEXT: Final = """
    a about according after all also an and another any are as assessed assessment at available be been before
    began begin being between blinded both but by collected comprised concerns concomitant concurrent
    condition conditions considered contained criteria criterion data date dates day days described determined
    done dose dosing due during duration each either end entering entry episode event events every first
    following for from given group had has have having her here herself him himself his history how if in
    included information intensity into is it its itself judged laboratory last lasted lasting later limit
    limits lower made medical medication medications met mouth narrative nature of on onset opinion or other
    over participation past per period pre-existing present previous previously progress range ranges reason
    received recorded record reference relates relative remained report reported reports response result
    results route rated sample samples she he showed since start started study subject subject's such taken
    taking text than that the their them then there these they this those time timing to took under until up
    upper use used using value values was were what when whether which while who whose with within within yet
    adverse drug flag set seriousness severity causality outcome action age sex race disease experienced
    developed occurred concerning regarding same further additional above-mentioned however respectively
    subsequent subsequently meanwhile although additionally findings finding person ended occurring period
    term terms listed named noted documented relation measures qualifying
"""
NEUTRAL_WORDS: Final = frozenset(_NEUTRAL_WORDS_TEXT.split())

# Wordings that are neutral as a whole while their words are not.
NEUTRAL_PHRASES: Final = re.compile(
    r"\b(?:treatment group|treatment with|treated for|disease treated|no treatment started|treatment given after onset|"
    r"outside (?:its|their|the) reference ranges?)\b",
    re.IGNORECASE,
)

# Hints as well as names: that a drug level was measured or a kit replaced may tell who takes the drug.
_UNBLINDING: Final = (
    r"placebos?|verum|sham|comparator|unblind\w*|randomi[sz]ed to|treatment arm|study arm|arm|kit|lot number",
    r"high[- ]dose|low[- ]dose|active (?:drug|treatment|substance)|dose level|(?:plasma|serum) concentration",
)
# Of causes a narrative has the opinions of investigator and sponsor (ICH E3 12.3.2), and none of its own.
_CAUSAL: Final = (
    r"caused|causes|causing|cause|due to|secondary to|led to|leading to|resulted? (?:in|from)|resulting|attributable",
    r"attributed|induced|provoked|triggered|owing to|as a result|consequence|consequently|therefore|thus|hence",
    r"brought on|drug[- ]related|reaction to|contributed",
)
_PROMOTION: Final = (
    r"safe|safely|well[- ]tolerated|tolerable|tolerated|favou?rable|fortunately|unfortunately|benign course|uneventful",
    r"reassuring|excellent|successful(?:ly)?|only|merely|just|minor|trivial|unremarkable|efficacious|effective",
)
_SPECULATION: Final = (
    r"may|might|could|would|should|likely|unlikely|probabl[ey]|possibl[ey]|perhaps|maybe|presumabl[ey]|presumed",
    r"apparent(?:ly)?|appear\w*|seem\w*|suspected|suspicion|suggest\w*|consistent with|suspicious|potential(?:ly)?",
    r"believed|thought|assumed|plausibl[ey]",
)
_RESIDUE: Final = (r"n/a|tbd|tbc|todo|xxx+|lorem|ipsum|insert|placeholder|null|none|undefined|nan|unspecified",)
# Reported words may hold orders to a model: a sentence that repeats or obeys one stops here.
_INSTRUCTION: Final = (
    r"ignore|disregard|instructions?|prompt|system message|assistant|as an ai|language model|you must|please",
)


def _words(parts: tuple[str, ...]) -> str:
    return rf"\b(?:{'|'.join(parts)})\b"


# Each with the code of the finding and what it means; a hit outside a cited term blocks the sentence.
BANNED: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = tuple(
    (code, re.compile(pattern, re.IGNORECASE), meaning)
    for code, pattern, meaning in (
        ("V_UNBLINDING", _words(_UNBLINDING), "a word that names or hints at the treatment"),
        ("V_CAUSAL", _words(_CAUSAL), "a causal claim that no assessment makes"),
        ("V_PROMOTION", _words(_PROMOTION), "a promoting or minimising word"),
        ("V_SPECULATION", _words(_SPECULATION), "speculation"),
        ("V_MARKUP", r"https?:|www\.|@|[<>{}\[\]\\|`#*_~$]|&\w+;|\bjavascript\b", "a link or markup"),
        ("V_RESIDUE", _words(_RESIDUE) + r"|\?\?|\.\.\.|…", "residue of a template"),
        ("V_INSTRUCTION", _words(_INSTRUCTION), "an instruction"),
    )
)

_NEGATIONS_TEXT: Final = """
    no not never without neither nor none cannot isn't wasn't didn't denied absent lacked
"""
NEGATIONS: Final = frozenset(_NEGATIONS_TEXT.split())
