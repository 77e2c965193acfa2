"""Which texts repeat an eval prompt, as they stand or as a passage: in a turn, example or answer.

Anchors nominate; the words decide. The passage of a text that is most like the prompt is a leak if
it is a twin of the prompt, has three quarters of its words in their order, or half of them and n in
a row (13-grams are GPT-3's, arXiv:2005.14165, appendix C; half of the words is the rule of Tulu 3,
arXiv:2411.15124, section 3.2). A prompt of fewer words is quoted where they end a sentence or line:
"Why is the sky blue" is not quoted in "Why is the sky blue at noon?".

Other numbers, a denial and other names make it another question, as in dedupe. Other words do not,
unless there are no capitals to tell names by: a row too few costs less than a leak. Where more than
two places were changed, somebody has rewritten it, and only numbers count.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import polars as pl
from rapidfuzz.distance import LCSseq, Opcode

from schemas.settings import DedupeSettings
from tasks.similarity.anchors import Anchors
from tasks.similarity.guard import differences
from tasks.similarity.matches import Match
from tasks.similarity.normalise import comparable, folded, width_key
from tasks.similarity.shingles import SHORT, shingle_size
from tasks.similarity.verify import are_twins, digits, jaccard

GRAM, CJK_GRAM = 13, 20  # words; Han, Kana and Hangul characters, of which a word has 1.5
LEAST, CJK_LEAST = 4, 6  # a shorter prompt is in many texts by chance
QUOTED, NEAR = 0.5, 0.75  # of the words of a prompt: with a gram of it, and without
SLOTS = 2  # places at which a template is filled
_SEED = 3  # words in a row by which prompt and text are laid side by side
_PLACES = 16  # of one seed: a text of nothing but laughter has thousands
_QUOTES = 256  # places at which a prompt may begin
_LONGEST = 20_000  # characters of a prompt that are looked for: to align more takes gigabytes
_SHARED = 0.2  # of the seeds of a prompt: with fewer nothing of what follows can be true
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_OPERATOR = re.compile(r"(?<=[\d)])\s*([-+*/×÷^=<>])\s*(?=[\d(])")
_WORD = re.compile(r"[一-鿿㐀-䶿぀-ヿ가-힣]|[^\W_一-鿿㐀-䶿぀-ヿ가-힣]+")


_Seed = tuple[str, ...]


class _Words(NamedTuple):
    text: str  # folded
    names: frozenset[str]  # words with a capital within a sentence, folded
    words: list[str]
    spans: list[tuple[int, int]]
    seeds: dict[_Seed, list[int]]  # where each seed begins


class _Passage(NamedTuple):
    text: str
    names: frozenset[str]
    share: float  # of the words of the prompt that it has, in their order
    run: int  # most words that it has in a row
    ends: bool  # whether a sentence or line ends with it


class Passages:
    """Eval prompts that texts may quote.

    Args:
        against: id -> prompt.
        cfg: what makes two texts twins.
    """

    def __init__(self, against: Mapping[str, str], cfg: DedupeSettings) -> None:
        cut = {id_: text[:_LONGEST] for id_, text in against.items()}
        self._prompts = {id_: text for id_, text in cut.items() if _is_long_enough(text)}
        self._anchors = Anchors(self._prompts)
        self._threshold = cfg.threshold

    def find(self, texts: pl.Series) -> list[Match | None]:
        """Return for each text the prompt that it quotes, the most alike one, or None."""
        found: dict[int, Match] = {}
        for row, id_ in self._anchors.nominate(texts):
            if row in found and found[row].jaccard == 1.0:
                continue
            match = self._proven(_read(texts[row]), id_)
            if match and (row not in found or match.jaccard > found[row].jaccard):
                found[row] = match
        return [found.get(row) for row in range(len(texts))]

    def _proven(self, said: _Words, id_: str) -> Match | None:
        asked = _read(self._prompts[id_])
        passage = _passage(asked, said)
        near = passage and _likeness(asked, passage, self._threshold)
        return Match(id_, near) if near else None


def like_prompt(text: str, prompt: str, cfg: DedupeSettings) -> float | None:
    """Return the Jaccard similarity of a text that as a whole repeats a prompt, else None."""
    if len(text) > 2 * len(prompt):
        return None
    if are_twins(text, prompt, cfg) == 1.0:
        return 1.0
    said, asked = _read(text[:_LONGEST]), _read(prompt[:_LONGEST])
    if not _is_long_enough(asked.text) or len(said.words) * NEAR > len(asked.words):
        return None
    passage = _passage(asked, said)
    return passage and _likeness(asked, passage._replace(text=said.text, ends=True), cfg.threshold)


def _likeness(prompt: _Words, passage: _Passage, threshold: float) -> float | None:
    """Return the Jaccard similarity of a prompt and a passage that repeats it, else None."""
    if passage.ends and _all_but_marks(prompt.text) == _all_but_marks(passage.text):
        return 1.0
    whole, gram = len(prompt.words), _gram(prompt.text)
    if passage.share < QUOTED or (whole < gram and not passage.ends):
        return None
    likeness = jaccard(prompt.text, passage.text)
    is_near = likeness >= threshold or (whole >= gram and passage.share >= NEAR)
    if not (is_near or passage.run >= gram):
        return None
    if _OPERATOR.findall(prompt.text) != _OPERATOR.findall(passage.text):
        return None
    is_equal = _bare(prompt.text) == _bare(passage.text)
    return likeness if is_equal or not _is_another_question(prompt, passage) else None


def _is_another_question(prompt: _Words, passage: _Passage) -> bool:
    if sorted(_NUMBER.findall(prompt.text)) != sorted(_NUMBER.findall(passage.text)):
        return True
    found, moves = differences(prompt.text, passage.text)
    if moves.places > SLOTS:
        return False
    if found.denial:
        return True
    changed = [*moves.words, *(found.gone + found.come if found.gone and found.come else [])]
    has_capitals = _gram(prompt.text) == GRAM
    return not (prompt.names | passage.names).isdisjoint(changed) if has_capitals else bool(changed)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def all_but_marks(text: str) -> Hashable:
    """Return what texts share that differ in case, width, blanks and marks; 3² is not 32."""
    said = folded(text)
    return (_all_but_marks(said), digits(width_key(text))) if _bare(said) else said.strip()


def _all_but_marks(said: str) -> tuple[str, ...]:
    """Return the letters, numbers and operators of a folded text."""
    return (_bare(said), *_NUMBER.findall(said), *_OPERATOR.findall(said))


def _passage(asked: _Words, said: _Words) -> _Passage | None:
    """Return the part of a text that is most like a prompt."""
    return _quote(asked, said) or _most_alike(asked, said)


def _quote(asked: _Words, said: _Words) -> _Passage | None:
    """Return the words of a prompt one after the other, where something ends with them if it does.

    To align them finds a later place for a word that is said again: "... of France? A: France".
    """
    size, found = len(asked.words), None
    for at in islice(said.seeds.get(tuple(asked.words[:_SEED]), ()), _QUOTES):
        if said.words[at : at + size] == asked.words:
            last = at + size - 1
            text = said.text[said.spans[at][0] : said.spans[last][1]]
            found = _Passage(text, said.names, 1.0, size, _ends(said, last))
            if found.ends:
                break
    return found


def _most_alike(asked: _Words, said: _Words) -> _Passage | None:
    prompt, start = asked.words, _side_by_side(asked, said)
    if start is None:
        return None
    slack = max(3, len(prompt) // 10)
    first, last = max(0, start - slack), start + len(prompt) + slack
    aligned = LCSseq.opcodes(prompt, said.words[first:last])
    runs = _near_each_other([block for block in aligned if block.tag == "equal"])
    shared = [block.src_end - block.src_start for block in runs]
    begin, end = first + runs[0].dest_start, first + runs[-1].dest_end - 1
    text = said.text[said.spans[begin][0] : said.spans[end][1]]
    return _Passage(text, said.names, sum(shared) / len(prompt), max(shared), _ends(said, end))


def _near_each_other(runs: list[Opcode]) -> list[Opcode]:
    """Leave out a single word at either end that stands apart: many texts have it by chance."""
    while len(runs) > 1 and _is_chance(runs[-1], runs[-1].dest_start - runs[-2].dest_end):
        runs = runs[:-1]
    while len(runs) > 1 and _is_chance(runs[0], runs[1].dest_start - runs[0].dest_end):
        runs = runs[1:]
    return runs


def _is_chance(run: Opcode, gap: int) -> bool:
    return run.src_end - run.src_start == 1 and gap > 1


def _ends(said: _Words, word: int) -> bool:
    """Return whether nothing but a mark, a line or the end of the text follows a word."""
    after = said.text[said.spans[word][1] :].lstrip(" \t")
    return not after[:1].isalnum()


def _side_by_side(prompt: _Words, said: _Words) -> int | None:
    """Return the place in a text at which a prompt has most seeds in common with it."""
    shared = prompt.seeds.keys() & said.seeds.keys()
    if len(shared) <= _SHARED * len(prompt.seeds):
        return None
    votes = Counter(
        at - place
        for seed in shared
        for at in said.seeds[seed][:_PLACES]
        for place in prompt.seeds[seed][:_PLACES]
    )
    return max(votes, key=lambda start: (votes[start], -start))


@lru_cache(1_024)
def _read(text: str) -> _Words:
    said = folded(text)
    found = list(_WORD.finditer(said))
    spans = [one.span() for one in found]
    words, seeds = [one.group() for one in found], defaultdict[_Seed, list[int]](list)
    for at in range(len(words) - _SEED + 1):
        seeds[tuple(words[at : at + _SEED])].append(at)
    return _Words(said, _names(text), words, spans, dict(seeds))


def _names(text: str) -> frozenset[str]:
    """Return what is written like a name; in a text of capitals or titles nothing is."""
    words = re.findall(r"(?<=[^\s.!?:] )[^\W\d_][\w'’-]*", text)
    names = [word for word in words if word[0].isupper()]
    return frozenset(map(comparable, names)) if 2 * len(names) <= len(words) else frozenset()


@lru_cache(1 << 14)
def _gram(text: str) -> int:
    return CJK_GRAM if shingle_size(text) == SHORT else GRAM


def _is_long_enough(prompt: str) -> bool:
    least = CJK_LEAST if _gram(prompt) == CJK_GRAM else LEAST
    return len(list(islice(_WORD.finditer(folded(prompt)), least))) == least
