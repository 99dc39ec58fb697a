"""The closed vocabulary of a narrative: words that carry no clinical claim, and what a narrative may never hold."""

import re
from typing import Final

LEXICON_VERSION: Final = "1.0"

# Words without a claim of their own; what claims something is a cue (cues.py), a value (tokens.py) or a cited term.
NEUTRAL_WORDS: Final = frozenset(
    """
    a about according after all also an and another any are as assessed assessment at available be been before began begin
    being between blinded both but by collected comprised concerns concomitant concurrent condition conditions considered
    contained criteria criterion data date dates day days described determined done dose dosing due during duration each
    either end entering entry episode event events every first following for from given group had has have having her here
    herself him himself his history how if in included information intensity into is it its itself judged laboratory last
    lasted lasting later limit limits lower made medical medication medications met mouth narrative nature of on onset
    opinion or other over participation past per period pre-existing present previous previously progress range ranges
    reason received recorded record reference relates relative remained report reported reports response result results
    route rated sample samples she he showed since start started study subject subject's such taken taking text than that
    the their them then there these they this those time timing to took treated treatment under until up upper use used
    using value values was were what when whether which while who whose with within within yet adverse drug flag set
    seriousness severity causality outcome action age sex race disease experienced developed occurred concerning regarding
    same further additional above-mentioned however respectively subsequent subsequently meanwhile although additionally
    findings finding occurring period term terms listed named noted documented relation measures
    """.split()
)

# Each with the code of the finding; a hit outside a quoted term blocks the sentence.
BANNED: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = tuple(
    (code, re.compile(pattern, re.IGNORECASE), meaning)
    for code, pattern, meaning in (
        (
            "V_UNBLINDING",
            r"\b(?:placebos?|verum|sham|comparator|unblind\w*|randomi[sz]ed to|treatment arm|study arm|arm|kit|lot number|"
            r"high[- ]dose|low[- ]dose|active (?:drug|treatment|substance)|dose level|plasma concentration|"
            r"serum concentration)\b",
            "a word that names or hints at the treatment",
        ),
        (
            "V_CAUSAL",
            r"\b(?:caused|causes|causing|cause|due to|secondary to|led to|leading to|resulted? (?:in|from)|resulting|"
            r"attributable|attributed|induced|provoked|triggered|owing to|as a result|consequence|consequently|therefore|"
            r"thus|hence|brought on|drug[- ]related|reaction to|contributed)\b",
            "a causal claim that no assessment makes",
        ),
        (
            "V_PROMOTION",
            r"\b(?:safe|safely|well[- ]tolerated|tolerable|tolerated|favou?rable|fortunately|unfortunately|benign course|"
            r"uneventful|reassuring|excellent|successful(?:ly)?|only|merely|just|minor|trivial|unremarkable|efficacious|"
            r"effective)\b",
            "a promoting or minimising word",
        ),
        (
            "V_SPECULATION",
            r"\b(?:may|might|could|would|should|likely|unlikely|probabl[ey]|possibl[ey]|perhaps|maybe|presumabl[ey]|presumed|"
            r"apparent(?:ly)?|appear\w*|seem\w*|suspected|suspicion|suggest\w*|consistent with|suspicious|potential(?:ly)?|"
            r"believed|thought|assumed|plausibl[ey])\b",
            "speculation",
        ),
        ("V_MARKUP", r"https?:|www\.|@|[<>{}\[\]\\|`#*_~$]|&\w+;|\bjavascript\b", "a link or markup"),
        (
            "V_RESIDUE",
            r"\b(?:n/a|tbd|tbc|todo|xxx+|lorem|ipsum|insert|placeholder|null|none|undefined|nan|unspecified)\b|\?\?|\.\.\.|…",
            "residue of a template",
        ),
        (
            "V_INSTRUCTION",
            r"\b(?:ignore|disregard|instructions?|prompt|system message|assistant|as an ai|language model|you must|please)\b",
            "an instruction",
        ),
    )
)

NEGATIONS: Final = frozenset("no not never without neither nor none cannot isn't wasn't didn't denied absent lacked".split())
