"""How fast, how complete and how precise redaction is, beside scrubadub and datafog.

    python benchmarks/redaction.py [--quick] [--json FILE] [--seed N]

Makes values with Faker for the United States, China and Korea, puts them into sentences of its
own, and gives all tools the same texts in the same run. Every run has a new seed, which it
prints. A value counts as found when four fifths of its characters lie in finds; a hard negative
(an order number, a hash, a sum) as flagged when anything in it is found. Limits for ours: recall
at least .97, at most 0.5 % of hard negatives flagged, 20,000 prompts of 200 characters a second
on one core, a fifth of them with private values. Peers: `pip install -e .[bench]`.
"""

import argparse
import json
import platform
import string
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from random import Random, SystemRandom
from typing import Any, NamedTuple

from faker import Faker

from schemas.conversation import Conversation, text_message
from tasks.redaction.readable import Readable
from tasks.redaction.redact import Redactor, redact_conversation
from tasks.redaction.rules import BUILT_IN

Spans = Sequence[tuple[int, int]]
LANGUAGES = {"en": "en_US", "zh": "zh_CN", "ko": "ko_KR"}
PEER_KINDS = frozenset({"EMAIL", "PHONE", "CARD", "SSN", "IP"})  # what peers say they find, too
LIMITS = {"recall": 0.97, "flagged": 0.005, "per_second": 20_000}
HEX, ALNUM = "0123456789abcdef", string.ascii_letters + string.digits

SENTENCES = {
    "en": {
        "EMAIL": ("Please forward the minutes to {}.", "{} never got our invoice", "cc {}; thanks"),
        "PHONE": ("Ring my office, phone {}, after lunch", "You can call me at {} any time",
                  "My number is {}", "phone: {}"),
        "CARD": ("Charge it to {} please", "the card {} was declined twice", "{} exp 08/29"),
        "SSN": ("My social security number is {}", "SSN {} on the form looks wrong"),
        "IP": ("{} keeps knocking on our port 22", "whois {}", "The host {} is down again."),
        "IBAN": ("Wire the deposit to {} by Friday", "IBAN {}"),
        "SECRET": ("Why does {} return 401?", 'client = Client("{}")', "export TOKEN={}"),
        "PASSWORD": ("my password is {} but it will not log in", "password: {}",
                     'conn = connect(user="app", password="{}")'),
        "WALLET": ("Send the coins to {}", "is {} a scam?"),
    },
    "zh": {
        "EMAIL": ("会议纪要发到{}就行", "我邮箱{}收不到验证信", "抄送：{}"),
        "PHONE": ("快递放门口，打{}", "我手机号{}换了", "联系电话：{}", "客户{}要退货"),
        "CARD": ("用{}这张卡付的款", "信用卡{}被锁了", "卡号：{}"),
        "CN_ID": ("身份证号{}帮我看看是哪年的", "实名信息：{}", "{}报名成功了吗"),
        "CN_USCC": ("开票税号{}", "统一社会信用代码：{}"),
        "IP": ("{}这台机器连不上", "日志里{}访问了五百次", "ping {}不通"),
        "SECRET": ("接口密钥{}突然失效", "用{}调用报错", "配置里写的是{}"),
        "PASSWORD": ("数据库密码是{}，连不上", "密码：{}", "账号admin密码{}登录失败"),
        "WALLET": ("转到{}多久到账", "钱包地址{}"),
    },
    "ko": {
        "EMAIL": ("회의록은 {}로 보내 주세요", "메일 {} 확인 부탁드려요", "참조: {}"),
        "PHONE": ("제 번호는 {}이에요", "{}로 전화 주세요", "연락처: {}",
                  "고객({})이 환불을 원해요"),
        "CARD": ("카드 {} 결제가 안 돼요", "카드번호 {}", "{}로 긁었어요"),
        "KR_RRN": ("주민번호 {} 맞는지 봐 주세요", "주민등록번호는 {}입니다", "{} 본인 확인"),
        "IP": ("{} 서버가 죽었어요", "{}에서 로그인 시도가 있었어요"),
        "SECRET": ("키 {}가 갑자기 만료됐대요", "토큰은 {} 입니다", "{}로 호출하면 오류가 나요"),
        "PASSWORD": ("비밀번호는 {} 인데 안 들어가져요", "비번: {}", "비밀번호 {} 입력했어요"),
        "WALLET": ("{}로 코인 보냈어요", "지갑 주소는 {}예요"),
    },
}  # fmt: skip

HARD_NEGATIVES = {
    "en": (
        "Where is parcel {order}?", "order {order} shipped", "invoice no. {digits10}",
        "upgrade to v{version}", "numpy {version} breaks on {date}", "sha256 {sha256}",
        "git revert {sha1}", "trace {uuid}", "ISBN {isbn}", "epoch {epoch} in UTC?",
        "what is {digits11} * {digits3}?", "sum of {digits9} and {digits8}", "{money} in total",
        "sort {row}", "a[{digits3}] = {digits11} % {digits3}", "at {time}.{digits3} the job died",
        "lat {lat}, lon {lat}", "pi is 3.14159265358979", "ticket {digits10} is stuck",
        "192.168.{byte}.{byte} is my router", "password must be {digits1} characters or more",
        "token limit {digits5}", "class A@{digits1}x.png", "EAN {digits13}", "{digits16} mod 97",
        "seed={digits10}", "1e{digits1} is {digits12} bytes", "commit {sha1}", "model GT-{digits9}",
        "std::map<int, T{digits1}> m{{{digits3}}};", "0x{hex16} is the pointer",
    ),
    "zh": (
        "订单{order}到哪了", "单号：{digits12}", "流水号{digits16}",
        "{digits11}乘以{digits3}是多少",
        "计算{digits9}+{digits8}", "升级到版本{version}", "时间戳{epoch}转日期", "{date}的会议",
        "总额{money}", "快递{digits13}", "{digits11}是质数吗", "提交{sha1}", "图书ISBN {isbn}",
        "股票{digits6}涨了", "密码至少{digits1}位", "{digits12}字节是多少", "坐标{lat},{lat}",
        "编号{digits10}的零件", "请排序：{row}", "任务{uuid}失败",
    ),
    "ko": (
        "주문번호 {order} 어디쯤인가요", "송장 {digits12} 조회", "{digits11}을 {digits1}로 나누면?",
        "버전 {version} 설치", "{date} 회의록", "총 {money}", "타임스탬프 {epoch} 변환",
        "커밋 {sha1}", "{digits13} 바코드", "비밀번호는 {digits1}자리 이상", "모델 {digits9}",
        "정렬: {row}", "작업 {uuid} 실패", "{digits12}원은 몇 달러?", "좌표 {lat}, {lat}",
        "일련번호 {digits10}", "{digits9} + {digits8} 계산",
    ),
}  # fmt: skip

FILLERS = {
    "en": "Explain step by step how the quarterly plan was put together and what should change. ",
    "zh": "请一步一步说明季度计划是怎么制定的，哪些地方需要调整，并给出简短的理由。",
    "ko": "분기 계획이 어떻게 세워졌고 무엇을 바꿔야 하는지 단계별로 설명해 주세요. ",
}


class Planted(NamedTuple):
    """A text, the private value in it and where it stands."""

    text: str
    kind: str
    start: int
    end: int


class Values:
    """Private values and things that look like them."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.fakers = {language: Faker(locale) for language, locale in LANGUAGES.items()}
        for number, faker in enumerate(self.fakers.values()):
            faker.seed_instance(seed + number)

    def private(self, kind: str, language: str) -> str:
        """Make a value of `kind` as people of that language have them."""
        fake, rng = self.fakers[language], self.rng
        makers: dict[str, Callable[[], str]] = {
            "EMAIL": rng.choice((fake.ascii_free_email, fake.ascii_company_email)),
            "PHONE": fake.phone_number,
            "CARD": lambda: self._grouped(fake.credit_card_number()),
            "SSN": fake.ssn, "CN_ID": fake.ssn, "KR_RRN": self._korean_rrn,
            "IP": lambda: fake.ipv4_public() if rng.random() < 0.8 else self._ipv6(),
            "IBAN": self.fakers["en"].iban,
            "CN_USCC": self._credit_code,
            "SECRET": self._secret,
            "PASSWORD": lambda: fake.password(length=rng.randint(8, 14)),
            "WALLET": self._wallet,
        }  # fmt: skip
        return makers[kind]()

    def scenery(self) -> dict[str, str]:
        """Make what fills the gaps of hard negatives."""
        rng, fake = self.rng, self.fakers["en"]
        made = {f"digits{n}": self._pick(string.digits[1:], 1) + self._pick(string.digits, n - 1)
                for n in (1, 3, 5, 6, 8, 9, 10, 11, 12, 13, 16)}  # fmt: skip
        return made | {
            "order": self._pick(string.digits, rng.randint(10, 19)),
            "version": ".".join(str(rng.randint(0, 40)) for _ in range(rng.choice((3, 4)))),
            "date": fake.date(rng.choice(("%Y-%m-%d", "%Y%m%d", "%d/%m/%Y"))),
            "time": fake.date("%Y-%m-%dT%H:%M:%S"),
            "sha1": self._pick(HEX, 40), "sha256": self._pick(HEX, 64),
            "hex16": self._pick(HEX, 16),
            "uuid": fake.uuid4(), "isbn": fake.isbn13(), "byte": str(rng.randint(0, 255)),
            "epoch": str(rng.randint(10**9, 2 * 10**9)) + rng.choice(("", "000")),
            "money": f"${rng.randint(10**6, 10**10):,}.{rng.randint(10, 99)}",
            "row": " ".join(str(rng.randint(1, 10**4)) for _ in range(8)),
            "lat": f"{rng.uniform(-90, 90):.7f}",
        }  # fmt: skip

    def _pick(self, letters: str, length: int) -> str:
        return "".join(self.rng.choices(letters, k=length))

    def _grouped(self, number: str) -> str:
        if len(number) != 16 or self.rng.random() < 0.4:
            return number
        return self.rng.choice(" -").join(number[i : i + 4] for i in range(0, 16, 4))

    def _ipv6(self) -> str:
        return "2a0" + ":".join(self._pick(HEX, n) for n in (1, 4, 4, 4, 4, 4, 4, 4))

    def _korean_rrn(self) -> str:
        """Make one as Faker does, of a day that exists: Faker's may be born on the 0th."""
        born = self.fakers["ko"].date_of_birth()
        century = self.rng.choice("12" if born.year < 2000 else "34")
        return f"{born:%y%m%d}-{century}{self._pick(string.digits, 6)}"

    def _credit_code(self) -> str:
        from stdnum.cn import uscc

        area = self.rng.choice(("110101", "310115", "440305", "330106"))
        body = f"91{area}{self._pick(string.digits, 3)}{self._pick('ABCDEFGHJKLMNPQRTUWXY', 2)}"
        body += self._pick(string.digits, 4)
        return body + uscc.calc_check_digit(body)

    def _wallet(self) -> str:
        from hashlib import sha256

        if self.rng.random() < 0.4:
            return "0x" + self._pick(HEX, 40)
        payload = self.rng.choice((b"\0", b"\5", b"A")) + self.rng.randbytes(20)
        raw = payload + sha256(sha256(payload).digest()).digest()[:4]
        letters, number, text = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 0, ""
        number = int.from_bytes(raw, "big")
        while number:
            number, digit = divmod(number, 58)
            text = letters[digit] + text
        return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text

    def _secret(self) -> str:
        pick = self._pick
        return self.rng.choice(
            (
                f"sk-proj-{pick(ALNUM, 74)}", f"sk-ant-api03-{pick(ALNUM, 93)}AA",
                f"ghp_{pick(ALNUM, 36)}", f"AKIA{pick(string.ascii_uppercase, 16)}",
                f"hf_{pick(string.ascii_letters, 34)}", f"gsk_{pick(ALNUM, 52)}",
                f"xoxb-{pick(string.digits, 12)}-{pick(string.digits, 12)}-{pick(ALNUM, 24)}",
                f"AIza{pick(ALNUM, 35)}", f"glpat-{pick(ALNUM, 20)}", f"dapi{pick(HEX, 32)}",
                f"sk_live_{pick(ALNUM, 24)}", f"SG.{pick(ALNUM, 22)}.{pick(ALNUM, 43)}",
                f"npm_{pick(ALNUM, 36)}", f"LTAI{pick(ALNUM, 20)}", f"SK{pick(HEX, 32)}",
                f"{self.rng.randint(10**9, 10**10 - 1)}:AA{pick(ALNUM, 33)}",
                f"eyJ{pick(ALNUM, 33)}.eyJ{pick(ALNUM, 60)}.{pick(ALNUM, 43)}",
            )
        )  # fmt: skip


def held_out(values: Values, count: int) -> list[Planted]:
    """Make texts with one private value each."""
    made = []
    for _ in range(count):
        language = values.rng.choice(tuple(LANGUAGES))
        kind = values.rng.choice(tuple(SENTENCES[language]))
        sentence = values.rng.choice(SENTENCES[language][kind])
        value = values.private(kind, language)
        start = sentence.index("{}")
        text = sentence.replace("{}", value, 1)
        made.append(Planted(text, kind, start, start + len(value)))
    return made


def hard_negatives(values: Values, count: int) -> list[str]:
    """Make texts with nothing private in them that look as if."""
    languages = tuple(LANGUAGES)
    pairs = (values.rng.choice(languages) for _ in range(count))
    return [values.rng.choice(HARD_NEGATIVES[each]).format(**values.scenery()) for each in pairs]


def prompts(values: Values, count: int) -> list[str]:
    """Make prompts of 200 characters, a fifth of them with a private value."""
    planted = iter(held_out(values, count))
    made = []
    for _ in range(count):
        filler = FILLERS[values.rng.choice(tuple(LANGUAGES))] * 8
        said = next(planted).text + " " if values.rng.random() < 0.2 else ""
        made.append((said + filler)[:200])
    return made


def ours() -> Callable[[str], Spans]:
    """Return our finder."""

    def find(text: str) -> Spans:
        readable = Readable(text)
        return [readable.origin(found.span) for found in BUILT_IN.find(readable.text)]

    return find


def scrubadub() -> Callable[[str], Spans]:
    """Return scrubadub's finder, with all that it does without models, told the language."""
    import scrubadub as peer

    scrubbers = {language: peer.Scrubber(locale=each) for language, each in LANGUAGES.items()}
    return lambda text: [
        (filth.beg, filth.end) for filth in scrubbers[_language(text)].iter_filth(text)
    ]


def _language(text: str) -> str:
    if any("\uac00" <= char <= "\ud7a3" for char in text):
        return "ko"
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"


def datafog() -> Callable[[str], Spans]:
    """Return datafog's finder with its regular expressions, which it calls its fast engine."""
    import datafog as peer

    return lambda text: [(found.start, found.end) for found in peer.scan(text).entities]


TOOLS = {"ours": ours, "scrubadub": scrubadub, "datafog": datafog}


def quality(find: Callable[[str], Spans], made: list[Planted], hard: list[str]) -> dict[str, float]:
    """Return recall, recall of the kinds that peers know, and the share of negatives flagged."""
    hits: Counter[str] = Counter()
    for each in made:
        inside = range(each.start, each.end)
        covered = {place for span in find(each.text) for place in range(*span)} & set(inside)
        hits[each.kind] += len(covered) >= 0.8 * len(inside)
    total = Counter(each.kind for each in made)
    shared = total.keys() & PEER_KINDS
    figures = {
        "recall": hits.total() / total.total(),
        "recall_of_shared_kinds": sum(hits[k] for k in shared) / sum(total[k] for k in shared),
        "flagged": sum(bool(find(text)) for text in hard) / len(hard),
    }
    return figures | {f"recall_{kind}": hits[kind] / total[kind] for kind in sorted(total)}


def per_second(works: dict[str, Callable[[], int]]) -> dict[str, float]:
    """Return texts per second of processor time of each work, which returns how many it did.

    The best of five rounds over all of them counts: another program's noise is not ours.
    """
    best: dict[str, float] = {}
    for name, work in list(works.items()) * 5:
        begun = time.process_time()
        done = work()
        best[name] = max(best.get(name, 0.0), done / (time.process_time() - begun))
    return best


def each(work: Callable[[Any], object], things: Sequence[Any]) -> Callable[[], int]:
    """Return a work that does `work` for all of `things`."""
    return lambda: len([work(thing) for thing in things])


def measure(seed: int, quick: bool) -> dict[str, float | str]:
    """Return all figures of one run."""
    values = Values(seed)
    made = held_out(values, 600 if quick else 6_000)
    hard = hard_negatives(values, 600 if quick else 6_000)
    texts = prompts(values, 500 if quick else 5_000)
    figures: dict[str, float | str] = {"seed": seed}
    chats = [Conversation([text_message("user", text)]) for text in texts]
    works = {
        "ours_redacting_per_second": each(lambda text: Redactor().text(text), texts),
        "ours_chats_per_second": each(redact_conversation, chats),
    }
    for name, tool in TOOLS.items():
        try:
            find = tool()
        except ImportError:
            print(f"{name} is not installed, so it is left out; pip install -e .[bench]")
            continue
        figures |= {f"{name}_{key}": value for key, value in quality(find, made, hard).items()}
        works[f"{name}_per_second"] = each(find, texts[: None if name == "ours" else 1_000])
    return figures | per_second(works)


def show(figures: dict[str, float | str]) -> None:
    """Print the figures as a table, ours against the limits."""
    tools = [name for name in TOOLS if f"{name}_recall" in figures]
    print(f"{'':<26}" + "".join(f"{name + ' ' + _version(name):>20}" for name in tools))
    kinds = sorted(key.removeprefix("ours_") for key in figures if key.startswith("ours_recall_"))
    for row in ("recall", "flagged", "per_second", *kinds):
        cells = (figures[f"{name}_{row}"] for name in tools)
        shown = (f"{cell:,.0f}" if row == "per_second" else f"{cell:.4f}" for cell in cells)
        limit = f"   limit {LIMITS[row]:,}" if row in LIMITS else ""
        print(f"{row:<26}" + "".join(f"{cell:>20}" for cell in shown) + limit)
    for row in ("redacting", "chats"):
        print(f"{row} per second{'':<6}{figures[f'ours_{row}_per_second']:>20,.0f}")


def _version(name: str) -> str:
    try:
        return version("sft-flywheel" if name == "ours" else name)
    except PackageNotFoundError:
        return ""


def main() -> None:
    """Measure, print a table, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**9))
    args = parser.parse_args()
    print(f"one core, {platform.machine()}, Python {platform.python_version()}, seed {args.seed}")
    figures = measure(args.seed, args.quick)
    show(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
