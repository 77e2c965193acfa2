"""How fast near-duplicates are found, what is missed, and what is dropped wrongly.

    python benchmarks/dedupe.py [--quick] [--json FILE] [--data FOLDER [--show]] [--peers FOLDER]

Texts are made by `dedupe_corpus`. Times are CPU seconds of single processes, one per figure:
signatures against datasketch's `update()` and `bulk`; texts to marks at 100,000 against
`update_batch` and `MinHashLSH`, of which a twentieth is run; 12,000 prompts that fill one template
with other names (`--quick`: 2,000); up to 1,000,000 prompts (`--quick`:
20,000 and 60,000) from texts to marks in memory (growth) and through the stage with its store, day
by day, each with a small day after them and the throughput that size costs; recall against a join
of all pairs; the two sets that must stay. With FOLDER of public sets (../shared/data), how many
prompts are dropped there, to be read with `--show`. `--peers` names a folder of virtual
environments rensa, text_dedup, datatrove, data_juicer, each with that tool: those that are there
are judged by the same truth, with what benchmarks/peers does with them.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib.metadata import version
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

PER_DAY = 50_000
SMALL_DAY = 10_000
BEGIN = date(2026, 3, 2)
PEERS = ("rensa", "text_dedup", "datatrove", "data_juicer")
FULL = {
    "signatures": 2_000,
    "core": 100_000,
    "family": 12_000,
    "truth": 6_000,
    "sizes": (100_000, 1_000_000),
}
QUICK = {
    "signatures": 300,
    "core": 10_000,
    "family": 2_000,
    "truth": 3_000,
    "sizes": (20_000, 60_000),
}
GOALS = {
    "signatures_over_update_numba": ">= 400",
    "signatures_over_update_numpy": ">= 60",
    "signatures_over_bulk_numba": ">= 20",
    "core_over_update_batch": ">= 20",
    "stage_cpu_s_1000000": "<= 40",
    "stage_peak_mb_1000000": "<= 2048",
    "growth_throughput_lost_percent": "<= 20",
    "growth_small_day_cheaper_1000000": ">= 40",
    "stage_throughput_lost_percent": "<= 20",
    "stage_small_day_cheaper_1000000": ">= 40",
    "recall_0.7": ">= 0.995",
    "recall_0.8": ">= 0.995",
    "drops_without_twin_0.7": "0",
    "drops_without_twin_0.8": "0",
    "short_chinese_dropped": "0",
    "tool_calls_dropped_percent": "<= 0.1",
}


def measured_signatures(count: int) -> dict[str, float]:
    """Return characters per CPU second of each way to make signatures, and the ratios."""
    from benchmarks.dedupe_corpus import corpus
    from tasks.similarity.compiled import AVAILABLE
    from tasks.similarity.signatures import by_numpy, signatures

    texts = [made.text for made in corpus(count)]
    few = texts[: max(20, count // 40)]
    rates = {
        "update": _rate(_by_update, few),
        "bulk": max(_rate(lambda given, f=f: _by_bulk(given, f), few) for f in _hashes()),
        "numpy": max(_rate(lambda given: _in_runs(by_numpy, given), texts) for _ in range(3)),
    }
    if AVAILABLE:
        signatures(texts[:10])
        rates["numba"] = max(_rate(signatures, texts) for _ in range(3))
    figures = {f"signatures_chars_per_cpu_s_{name}": round(rate) for name, rate in rates.items()}
    for ours in ("numpy", "numba"):
        for theirs in ("update", "bulk"):
            if ours in rates:
                figures[f"signatures_over_{theirs}_{ours}"] = round(rates[ours] / rates[theirs], 1)
    return figures


def _rate(work: Callable[[list[str]], object], texts: list[str]) -> float:
    begun = time.process_time()
    work(texts)
    return sum(map(len, texts)) / (time.process_time() - begun)


def _in_runs(work: Callable[[list[str]], object], texts: list[str]) -> None:
    for first in range(0, len(texts), 150):
        work(texts[first : first + 150])


def _hashes() -> list[Callable[[bytes], int]]:
    """Return datasketch's own hash and the fastest that it was measured with."""
    from datasketch.hashfunc import sha1_hash32

    if not find_spec("mmh3"):
        return [sha1_hash32]
    import mmh3

    return [sha1_hash32, lambda data: mmh3.hash(data, signed=False)]


def _cut(text: str) -> list[bytes]:
    from tasks.similarity.normalise import comparable
    from tasks.similarity.shingles import shingles

    return [shingle.encode("utf-32-le") for shingle in shingles(comparable(text))]


def _by_update(texts: list[str]) -> None:
    from datasketch import MinHash

    for text in texts:
        sketch = MinHash(num_perm=128)
        for shingle in _cut(text):
            sketch.update(shingle)


def _by_bulk(texts: list[str], hashfunc: Callable[[bytes], int]) -> None:
    from datasketch import MinHash

    MinHash.bulk([_cut(text) for text in texts], num_perm=128, hashfunc=hashfunc)


def measured_core(count: int) -> dict[str, float]:
    """Return texts per CPU second, from texts to marks, of ours and of datasketch as it is used."""
    from benchmarks.dedupe_corpus import corpus

    made = list(corpus(count))
    _marks(made[:2_000], 0.8)
    begun = time.process_time()
    found = _marks(made, 0.8)
    ours = count / (time.process_time() - begun)
    fewer = made[: max(2_000, count // 20)]
    begun = time.process_time()
    _by_lsh(fewer)
    theirs = len(fewer) / (time.process_time() - begun)
    dropped = found["duplicate_of"].drop_nulls().len()
    return {
        f"core_texts_per_cpu_s_{count}": round(ours),
        f"core_dropped_share_{count}": round(dropped / count, 3),
        "core_texts_per_cpu_s_update_batch": round(theirs),
        "core_over_update_batch": round(ours / theirs, 1),
    }


def measured_family(count: int) -> dict[str, float]:
    """Mark so many prompts that fill one template with other names, as the stage does."""
    letters = list(_letters(count))
    _marked(letters[:500])
    begun = time.process_time()
    marks = _marked(letters)
    spent = time.process_time() - begun
    return {
        f"family_cpu_s_{count}": round(spent, 2),
        "family_dropped": marks["duplicate_of"].drop_nulls().len(),
        "family_templates": marks["template_of"].drop_nulls().len(),
    }


def _letters(count: int) -> Iterator[str]:
    """Ask for letters of recommendation for people with three made-up names each."""
    rng = random.Random(1)
    for _ in range(count):
        names = (
            "".join(rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou") for _ in range(length))
            for length in rng.choices((2, 3, 4), k=3)
        )
        first, last, company = map(str.capitalize, names)
        yield (
            f"Please write a friendly letter of recommendation for my former colleague {first} "
            f"{last} who applies for a position as a senior accountant at the company {company} "
            "and mention that the work was always careful, punctual and kind to everyone."
        )


def measured_growth(count: int) -> dict[str, float]:
    """Return what so many texts at once take, and then a small day against those that were kept."""
    from benchmarks.dedupe_corpus import corpus

    made = list(corpus(count + SMALL_DAY))
    _marks(made[:2_000], 0.8)
    begun = time.process_time()
    rows, keys = _keyed(made[:count], 0.8)
    marks = _chosen(rows, keys, _nobody(), 0.8)
    whole = time.process_time() - begun
    stays = marks["duplicate_of"].is_null()
    bands = pl.DataFrame({"key": keys[stays.to_numpy()].reshape(-1)})
    kept, width = rows.filter(stays), keys.shape[1]
    bands = bands.with_columns(row=pl.int_range(pl.len()) // width)
    begun = time.process_time()
    new, new_keys = _keyed(made[count:], 0.8, first=count)
    met = bands.join(pl.DataFrame({"key": new_keys.reshape(-1)}).unique(), on="key", how="semi")
    named = (pl.lit(kept[name]).gather("row").alias(name) for name in ("id", "text"))
    _chosen(new, new_keys, met.sort("row").select("key", *named), 0.8)
    small = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {
        f"growth_cpu_s_{count}": round(whole, 2),
        f"growth_texts_per_cpu_s_{count}": round(count / whole),
        f"growth_peak_mb_with_corpus_{count}": round(peak),
        f"growth_small_day_cpu_s_{count}": round(small, 2),
        f"growth_small_day_cheaper_{count}": round(whole / small, 1),
    }


def _marks(made: list[tuple[str, str, int]], threshold: float) -> pl.DataFrame:
    return _chosen(*_keyed(made, threshold), _nobody(), threshold)


def _keyed(
    made: list[tuple[str, str, int]], threshold: float, first: int = 0
) -> tuple[pl.DataFrame, npt.NDArray[np.uint64]]:
    from schemas.settings import DedupeSettings
    from tasks.similarity.bands import band_keys, choose_bands
    from tasks.similarity.signatures import signatures

    kinds, texts = [one[0] for one in made], [one[1] for one in made]
    ids = [str(n) for n in range(first, first + len(made))]
    bands = choose_bands(threshold, DedupeSettings().recall)
    return pl.DataFrame({"id": ids, "text": texts}), band_keys(signatures(texts), *bands, kinds)


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(schema={"key": pl.UInt64, "id": pl.String, "text": pl.String})


def _chosen(
    rows: pl.DataFrame, keys: npt.NDArray[np.uint64], history: pl.DataFrame, threshold: float
) -> pl.DataFrame:
    from schemas.settings import DedupeSettings
    from tasks.similarity.alike import Alike
    from tasks.similarity.greedy import Compared, mark_repeats

    given, cfg = Compared(rows, keys, history), DedupeSettings(threshold=threshold)
    return mark_repeats(given, Alike(("text",)), cfg)


def _by_lsh(made: list[tuple[str, str, int]]) -> None:
    """Drop what an index of the same type answers for, with the bands that datasketch chooses."""
    from datasketch import MinHash, MinHashLSH

    indexes = defaultdict(lambda: MinHashLSH(threshold=0.8, num_perm=128))
    for n, (kind, text, _) in enumerate(made):
        sketch = MinHash(num_perm=128)
        sketch.update_batch(_cut(text))
        if not indexes[kind].query(sketch):
            indexes[kind].insert(n, sketch)


def measured_stage(count: int) -> dict[str, float]:
    """Dedupe so many prompts through the stage and its store, day by day, then a small day."""
    from benchmarks.dedupe_corpus import corpus
    from schemas.settings import FlywheelSettings
    from tasks.adapters import store

    with tempfile.TemporaryDirectory() as folder:
        cfg = FlywheelSettings(var=Path(folder) / "var")
        store.prepare(cfg.warehouse)
        fill = [sys.executable, __file__, "--fill", str(cfg.warehouse), str(count)]
        subprocess.run(fill, check=True)  # in a process of its own, whose memory does not count
        days = store.select(cfg.warehouse, _DAYS)["day"].to_list()
        _marks(list(corpus(2_000)), 0.8)  # machine code, from the cache or made now
        _stage(cfg, BEGIN - timedelta(days=1))  # an empty day: imports
        begun, took = spent_s(), []
        for day in days[:-1]:
            took.append(_stage(cfg, day))
        whole = spent_s() - begun
        last = _stage(cfg, days[-1])
        kept, rows = store.select(cfg.warehouse, _KEPT).row(0)
    if rows != count + SMALL_DAY:
        raise SystemExit(f"{count + SMALL_DAY} prompts became {rows} rows; wanted one each.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {
        f"stage_cpu_s_{count}": round(whole, 2),
        f"stage_rows_per_cpu_s_{count}": round(count / whole),
        f"stage_peak_mb_{count}": round(peak),
        f"stage_kept_share_{count}": round(kept / rows, 3),
        f"stage_small_day_cpu_s_{count}": round(last, 2),
        f"stage_small_day_cheaper_{count}": round((whole + last) / last, 1),
    }


_DAYS = "SELECT DISTINCT day FROM tagged_prompts ORDER BY day"
_KEPT = "SELECT count(*) FILTER (drop_reason IS NULL), count(*) FROM unique_prompts"


def _stage(cfg: object, day: date) -> float:
    from schemas.batch import Batch
    from schemas.run import Run
    from tasks.dedupe import dedupe_prompts

    begun = spent_s()
    dedupe_prompts.fn(Batch(warehouse=cfg.warehouse, table="", day=day, rows=0), Run(cfg=cfg))
    return spent_s() - begun


def filled(warehouse: Path, count: int) -> None:
    """Put so many tagged prompts into a store, and a small day after them."""
    from benchmarks.dedupe_corpus import corpus
    from tasks.adapters import store

    texts, number = corpus(count + SMALL_DAY), 0
    sizes = [PER_DAY] * (count // PER_DAY) + ([count % PER_DAY] if count % PER_DAY else [])
    for n, size in enumerate([*sizes, SMALL_DAY]):
        day = BEGIN + timedelta(days=n)
        prompts, tags = _rows(day, list(islice(texts, size)), number)
        with store.writing(warehouse) as con:
            store.replace(con, "prompts", day, prompts)
            store.replace(con, "tagged_prompts", day, tags)
        number += size


def _rows(
    day: date, made: list[tuple[str, str, int]], number: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    from schemas import contracts
    from schemas.conversation import text_message

    begin, prompts, tags = datetime.combine(day, datetime.min.time()), [], []
    unset = dict.fromkeys(("reason", "tag_key", "call_key"))
    for n, (type_, text, _) in enumerate(made):
        area, kind = type_.split("/")
        id_ = f"{number + n:012d}-0"
        known = {"day": day, "prompt_id": id_, "input_hash": n}
        told = {"messages": [text_message("user", text)], "prompt": text, "language": "en"}
        empty = {"traits": [], "rule_hits": [], "user_key": None, "drop_reason": None}
        whose = {"chat_id": id_[:-2], "turn": 0, "origin": "log"}
        at = begin + timedelta(milliseconds=n)
        prompts.append({**known, **told, **empty, **whose, "started_at": at})
        named = {"area": area, "kind": kind, "confidence": 1.0, "tagger": "keywords"}
        tags.append({**known, **named, **unset, "taxonomy_version": 1})
    return contracts.frame("prompts", prompts), contracts.frame("tagged_prompts", tags)


def measured_truth(count: int) -> dict[str, float]:
    """Compare the marks with a join of all pairs, at two thresholds, and keep the two sets."""
    from benchmarks.dedupe_corpus import corpus

    made, figures = list(corpus(count)), dict[str, float]()
    for threshold in (0.7, 0.8):
        found = _marks(made, threshold)
        keeper = {
            int(a): int(b)
            for a, b in found.drop_nulls("duplicate_of").select("id", "duplicate_of").rows()
        }
        recall, wrong = judged(made, keeper, threshold)
        figures |= {f"recall_{threshold}": recall, f"drops_without_twin_{threshold}": wrong}
        figures[f"drops_{threshold}"] = len(keeper)
    short = [("qa/0", text, -1) for text in ("写诗", "翻译", "写首诗", "讲笑话", "你是谁呀")]
    dropped = _marks(short, 0.8)["duplicate_of"].drop_nulls().len()
    calls = list(tool_calls())
    removed = _marked(calls)["drop_reason"].drop_nulls().len()
    figures["short_chinese_dropped"] = dropped
    return figures | {"tool_calls_dropped_percent": round(100 * removed / len(calls), 3)}


def judged(
    made: list[tuple[str, str, int]], keeper: dict[int, int], threshold: float
) -> tuple[float, int]:
    """Return the share of rows with a kept earlier twin that are dropped, and the wrong drops."""
    twins = _all_twins(made, threshold)
    due = {n for n, others in twins.items() if any(other not in keeper for other in others)}
    wrong = sum(other not in twins.get(n, ()) for n, other in keeper.items())
    return round(len(due & keeper.keys()) / max(1, len(due)), 5), wrong


def _all_twins(made: list[tuple[str, str, int]], threshold: float) -> dict[int, set[int]]:
    """Return the earlier rows that are twins of each, by looking at every pair of a type.

    Pairs under the threshold are left out by counts of shared shingles; `are_twins` has the rest.
    """
    from schemas.settings import DedupeSettings
    from tasks.similarity.normalise import comparable
    from tasks.similarity.shingles import shingles
    from tasks.similarity.verify import are_twins

    cfg, twins, types = DedupeSettings(threshold=threshold), defaultdict(set), defaultdict(list)
    for n, (kind, _, _) in enumerate(made):
        types[kind].append(n)
    for rows in types.values():
        sets = {n: frozenset(shingles(comparable(made[n][1]))) for n in rows}
        holders = defaultdict(list)
        for n in rows:
            shared = defaultdict(int)
            for shingle in sets[n]:
                for other in holders[shingle]:
                    shared[other] += 1
                holders[shingle].append(n)
            for other, both in shared.items():
                near = both >= (threshold - 0.25) * (len(sets[n]) + len(sets[other]) - both)
                if near and are_twins(made[n][1], made[other][1], cfg) is not None:
                    twins[n].add(other)
    return twins


def tool_calls(count: int = 10_000) -> Iterator[str]:
    """Make calls of one function that differ in their arguments only, half of them in a word."""
    rng = random.Random(1)
    for n in range(count):
        given = {"city": "".join(rng.choices("abcdefghijklmnop", k=6)).capitalize()}
        if n % 2:
            given |= {"order_id": n, "amount": round(rng.random() * 900, 2)}
        call = {"name": "create_shipment", "arguments": given, "dry_run": False, "retries": 3}
        yield json.dumps(call)


def measured_real(folder: Path, show: bool) -> dict[str, float]:
    """Count what becomes of each public set of prompts, taken for one task type."""
    from benchmarks.public_sets import public

    figures = dict[str, float]()
    for name, told in public(folder):
        marks = _marked([one.prompt for one in told])
        repeats = marks.drop_nulls("duplicate_of").select("prompt_id", "duplicate_of").rows()
        pairs = [(told[int(a)], told[int(b)]) for a, b in repeats]
        labels = sum(a.label != b.label for a, b in pairs)
        exact = sum(a.prompt.strip() == b.prompt.strip() for a, b in pairs)
        counts = {"rows": len(told), "dropped": len(pairs), "dropped_exact": exact}
        counts |= {"dropped_of_other_label": labels} if told[0].label else {}
        counts["templates"] = marks["template_of"].drop_nulls().len()
        figures |= {f"real_{name}_{what}": count for what, count in counts.items()}
        for a, b in pairs if show else ():
            print(f"{name}: {a.prompt!r} {a.label or ''}\n    repeats {b.prompt!r} {b.label or ''}")
    return figures


def _marked(prompts: list[str]) -> pl.DataFrame:
    """Return what the stage says of prompts without a history."""
    from schemas.settings import DedupeSettings
    from tasks.dedupe import mark_prompts

    rows, keys = _keyed([("qa/any", prompt, -1) for prompt in prompts], DedupeSettings().threshold)
    known = {"day": BEGIN, "area": "qa", "kind": "any", "input_hash": 0}
    rows = rows.with_columns(turn="text", **{name: pl.lit(value) for name, value in known.items()})
    nobody = _nobody().with_columns(turn="text", template_of=pl.lit(None, pl.String))
    return mark_prompts(rows, keys, nobody, {}, DedupeSettings())


def peers(folder: Path | None) -> Iterator[tuple[str, Path]]:
    """Yield the other tools that are there, each with its Python."""
    for name in PEERS if folder else ():
        python = folder / name / "bin" / "python"
        if python.exists():
            yield name, python


def measured_peer(name: str, python: Path, count: int) -> dict[str, float]:
    """Judge what another tool keeps of the texts of the truth."""
    from benchmarks.dedupe_corpus import corpus

    made = list(corpus(count))
    told = "".join(json.dumps({"text": text, "kind": kind}) + "\n" for kind, text, _ in made)
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    script = ROOT / "benchmarks" / "peers" / f"with_{name}.py"
    done = subprocess.run([python, script], input=told, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{python} {script} failed:\n{done.stderr[-2_000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - begun.ru_utime - begun.ru_stime
    kept = set(json.loads(done.stdout.splitlines()[-1]))
    earlier = _all_twins(made, 0.8)
    twins = defaultdict(set, {n: set(others) for n, others in earlier.items()})
    for n, others in earlier.items():
        for other in others:
            twins[other].add(n)
    missed = sum(bool(earlier.get(n, set()) & kept) for n in kept)
    dropped = [n for n in range(count) if n not in kept]
    wrong = sum(not twins[n] & kept for n in dropped)
    name = f"peer_{name}"
    return {
        f"{name}_texts_per_cpu_s": round(count / cpu),
        f"{name}_recall": round(1 - missed / max(1, missed + len(dropped) - wrong), 4),
        f"{name}_drops_without_kept_twin": wrong,
    }


def spent_s() -> float:
    """Return the CPU time of this process and its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


MEASURES: dict[str, Callable[..., dict[str, float]]] = {
    "signatures": measured_signatures,
    "core": measured_core,
    "family": measured_family,
    "growth": measured_growth,
    "stage": measured_stage,
    "truth": measured_truth,
}


def child(name: str, value: object) -> dict[str, float]:
    """Run one measure in a process of its own, with one thread."""
    environ = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--measure", name, str(value)]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2_000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def shown(figures: dict[str, float]) -> dict[str, float]:
    """Print figures, each with its goal if it has one."""
    for name, value in figures.items():
        print(f"{name:<44}{value:>14,}   {GOALS.get(name, '')}", flush=True)
    return figures


def main() -> None:
    """Do as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--fill", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.fill:
        filled(Path(args.fill[0]), int(args.fill[1]))
    elif args.measure:
        from tasks.similarity import compiled

        compiled.MANY = 0  # machine code, where it can be had, for few rows too
        print(json.dumps(MEASURES[args.measure[0]](int(args.measure[1]))))
    else:
        report(args)


def report(args: argparse.Namespace) -> None:
    """Measure, print a table, and write one flat JSON object if asked."""
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    parts = ("numpy", "polars", "duckdb", "datasketch", *(["numba"] if find_spec("numba") else []))
    print(", ".join(f"{name} {version(name)}" for name in parts))
    sizes, figures = QUICK if args.quick else FULL, dict[str, float]()
    for name in ("signatures", "core", "family", "truth"):
        figures |= shown(child(name, sizes[name]))
    for name, rate in (("growth", "texts"), ("stage", "rows")):
        for size in sizes["sizes"]:
            figures |= shown(child(name, size))
        small, large = (figures[f"{name}_{rate}_per_cpu_s_{size}"] for size in sizes["sizes"])
        figures |= shown({f"{name}_throughput_lost_percent": round(100 * (1 - large / small), 1)})
    if args.data:
        figures |= shown(measured_real(args.data, args.show))
    for name, python in peers(args.peers):
        figures |= shown(measured_peer(name, python, sizes["truth"]))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
