"""Defects of any answer, whatever was asked: it is not there, not whole, or not for the user."""

import random

from tests.tasks.checks.planting.material import Planted, Words, words

_BLANKS = ["", " ", "\n", "\t", "\u200b", "\u3000", "\ufeff", "\u00a0", "\r\n", "\u200d", "\u2060"]

OTHERS = {
    "es": [
        "Lo mejor es empezar poco a poco y tener paciencia.",
        "Primero prepara todo lo que necesitas y después sigue los pasos con calma.",
        "Muchas personas cometen el mismo error al principio.",
        "Si algo no sale bien, inténtalo otra vez al día siguiente.",
        "Un vecino con experiencia puede ayudarte mucho.",
    ],
    "fr": [
        "Le plus simple est de commencer doucement et de rester patient.",
        "Préparez d'abord tout ce qu'il vous faut, puis suivez les étapes.",
        "Beaucoup de gens font la même erreur au début.",
        "Si cela ne marche pas, essayez encore le lendemain.",
        "Un voisin qui a de l'expérience peut vous aider.",
    ],
    "de": [
        "Am besten fängt man langsam an und bleibt geduldig.",
        "Legen Sie zuerst alles bereit und gehen Sie dann Schritt für Schritt vor.",
        "Viele machen am Anfang denselben Fehler.",
        "Wenn es nicht klappt, versuchen Sie es am nächsten Tag noch einmal.",
        "Eine erfahrene Nachbarin kann dabei sehr helfen.",
    ],
    "ja": [
        "まずは少しずつ始めて、あせらないことが大切です。",
        "必要なものを先にそろえてから、順番に進めてください。",
        "初めての人はたいてい同じところで失敗します。",
        "うまくいかないときは、次の日にもう一度やってみましょう。",
        "経験のある近所の人に聞くのもよい方法です。",
    ],
}

CODE = {
    "python": [
        "def mean(values):\n    return sum(values) / len(values)",
        "with open(path) as lines:\n    total = sum(1 for line in lines if line.strip())",
        "from collections import Counter\n\nprint(Counter(words).most_common(5))",
        "squares = [n * n for n in range(10)]\nprint(squares)",
    ],
    "sql": [
        "SELECT city, count(*) AS members\nFROM people\nGROUP BY city\nORDER BY members DESC;",
        "UPDATE loans SET returned = true WHERE book_id = 7;",
    ],
    "bash": ['for f in *.log; do\n  gzip "$f"\ndone', "grep -c error server.log"],
    "javascript": [
        "const unique = [...new Set(names)];\nconsole.log(unique);",
        "button.addEventListener('click', () => {\n  list.hidden = !list.hidden;\n});",
    ],
}
_CODE_ASKS = {
    "en": [
        "Write {lang} code for this small job.",
        "How would you do that in {lang}?",
        "Show me a {lang} snippet and explain it.",
    ],
    "zh": ["用{lang}写一小段代码，并说明一下。", "这个用{lang}怎么写？", "给我一个{lang}的例子"],
    "ko": [
        "{lang} 코드로 작성해 주세요.",
        "이걸 {lang}로는 어떻게 하나요?",
        "{lang} 예제를 보여 주고 설명해 줘",
    ],
}
_CODE_TALK = {
    "en": [
        "This is enough for small files.",
        "Run it once and look at the output.",
        "The rest can stay as it is.",
    ],
    "zh": ["小文件用这个就够了。", "先运行一次，看看输出。", "其余部分不用改。"],
    "ko": [
        "작은 파일에는 이것으로 충분합니다.",
        "한 번 실행하고 출력을 보세요.",
        "나머지는 그대로 두면 됩니다.",
    ],
}


def empty(w: Words) -> Planted:
    prompt, good, _ = w.question()
    return Planted(prompt, "".join(w.rng.choices(_BLANKS, k=w.rng.randint(0, 6))), good)


def cut_off(w: Words) -> Planted:
    prompt, good, _ = w.question()
    bad = good[: w.rng.randint(len(good) // 3, len(good) - 2)]
    stopped = w.rng.choice(["length", "length", "length", "content_filter"])
    return Planted(prompt, bad, good, stopped=stopped)


def unclosed(w: Words) -> Planted:
    lang = w.rng.choice(list(CODE))
    code, other = w.rng.choice(CODE[lang]), w.rng.choice(CODE[lang])
    before, after = w.rng.sample(_CODE_TALK[w.language], 2)
    fence = w.rng.choice(["```", "```", "```", "~~~", "````"])
    name = w.rng.choice([lang, lang, ""])
    whole, line = f"{fence}{name}\n{code}\n{fence}", code.splitlines()[0]
    bad, good = w.rng.choice(
        [
            (f"{before}\n\n{fence}{name}\n{code}", f"{before}\n\n{whole}"),
            (f"{fence}{name}\n{code}\n\n{after}", f"{whole}\n\n{after}"),
            (
                f"{before}\n\n{whole}\n\n{after}\n\n{fence}{name}\n{other}\n",
                f"{before}\n\n{whole}\n\n{after}\n\n{fence}{name}\n{other}\n{fence}\n",
            ),
            (
                f"1. {before}\n\n   {fence}{name}\n   {line}\n\n2. {after}",
                f"1. {before}\n\n   {fence}{name}\n   {line}\n   {fence}\n\n2. {after}",
            ),
        ]
    )
    prompt = w.rng.choice(_CODE_ASKS[w.language]).format(lang=lang)
    return Planted(prompt, bad, good, kind="code/write")


def refusal(w: Words) -> Planted:
    prompt, good, _ = w.question()
    return Planted(prompt, w.pick("refusals") + w.pick("after_refusal"), good)


def identity_leak(w: Words) -> Planted:
    if w.rng.random() < 0.3:
        asked, good = w.pick("who_asks"), w.pick("who_answers")
        bad = w.rng.choice([w.pick("identity"), w.join([w.pick("identity"), good])])
        return Planted(asked, bad, good, kind="chat/about_assistant")
    prompt, good, _ = w.question()
    return Planted(prompt, w.insert(good, w.pick("identity")), good)


def cutoff_talk(w: Words) -> Planted:
    prompt, good, _ = w.question()
    return Planted(prompt, w.insert(good, w.pick("cutoff")), good, kind="qa/open_qa")


def wrong_language(w: Words) -> Planted:
    prompt, good, topic = w.question()
    other = w.pick("foreign")
    if other in OTHERS:
        said = w.rng.sample(OTHERS[other], w.rng.randint(2, 5))
        bad = ("" if other == "ja" else " ").join(said)
    else:
        theirs = words(other, f"other {w.rng.random()}")
        n = w.all["topics"].index(topic)
        bad = theirs.answer(theirs.all["topics"][n])
        if w.rng.random() < 0.3:  # slips into the other language after a sentence
            bad = f"{topic['said'][0]}\n\n{theirs.join(theirs.all['topics'][n]['said'])}"
    return Planted(prompt, bad, good)


def loop(w: Words) -> Planted:
    prompt, good, topic = w.question()
    said = w.rng.choice(topic["said"])
    phrase = said.rstrip("。.").split("，")[0].split(", ")[0]
    times = w.rng.randint(6, 30)
    paragraph = w.join(w.rng.sample(topic["said"], 3))
    gap = "" if w.language == "zh" else " "
    tail = w.rng.choice(
        [
            "\n".join([said] * times),
            w.join([said] * times),
            gap.join([phrase] * times),
            "\n\n".join([paragraph] * w.rng.randint(4, 7)),
            "\n".join(f"{n}. {said}" for n in range(1, times + 1)),
            "\n".join([f"- {tip}" for tip in topic["tips"][:2]] * (times // 2 + 2)),
            (w.rng.choice(topic["things"]) + gap) * (times + 10),
        ]
    )
    return Planted(prompt, w.rng.choice([tail, f"{good}\n\n{tail}"]), good)


def reasoning_residue(w: Words) -> Planted:
    prompt, good, topic = w.question()
    thought = w.pick("residue").format(name=topic["name"])
    more = w.join([thought, w.rng.choice(topic["said"])])
    tag = w.rng.choice(["think", "thinking", "reasoning"])
    bad = w.rng.choice(
        [
            f"<{tag}>\n{more}\n{good}",
            f"{more}</{tag}> {good}",
            f"{thought} {good}",
            f"{more}\n\n{good}",
            f"{thought}\n\n{good}",
            w.pick("residue_sections").format(thought=more) + good,
            f"{good}\n\n<{tag}>",
        ]
    )
    return Planted(prompt, bad, good)


def equals_prompt(w: Words) -> Planted:
    prompt, good, topic = w.question()
    if w.rng.random() < 0.4:
        prompt = f"{prompt}\n\n{w.join(w.sentences(topic, 1, 3))}"
    bad = w.rng.choice(
        [
            prompt,
            f"{prompt}\n",
            f" {prompt} ",
            prompt.rstrip("。.?？"),
            f"\n\n{prompt}",
            prompt.lower(),
        ]
    )
    return Planted(prompt, bad, good)


def wrong_quotes(w: Words) -> Planted:
    prompt, body, _ = w.question()
    phrase, said = w.pick("phrases"), w.pick("said_in")
    opened, closed = w.pick("bad_quotes")
    fine = w.pick("good_quotes")
    bad = said.format(open=opened, phrase=phrase, close=closed)
    good = said.format(open=fine[0], phrase=phrase, close=fine[1])
    state = w.rng.getstate()
    twin = w.insert(body, good)
    w.rng.setstate(state)
    return Planted(prompt, w.insert(body, bad), twin)


def wrong_punctuation(w: Words) -> Planted:
    topic = w.topic()
    with_comma = [text for text in topic["said"] if "," in text or "，" in text]
    said = list(dict.fromkeys(with_comma + w.sentences(topic, 2, 4)))
    w.rng.shuffle(said)
    good = w.rng.choice([w.join(said), "\n\n".join(said)])
    marks = [pair for pair in w.all["foreign_stops"] if good.count(pair[0]) > 1]
    own, other = w.rng.choice(marks)
    return Planted(w.ask(topic), _swapped(good, own, other, w.rng), good)


def _swapped(text: str, own: str, other: str, rng: random.Random) -> str:
    """Take another language's mark in two places or more, or in all."""
    places = [n for n, char in enumerate(text) if char == own]
    chosen = set(rng.sample(places, rng.randint(2, len(places))))
    return "".join(other if n in chosen else char for n, char in enumerate(text))
