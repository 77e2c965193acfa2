import re

import pytest

from tasks.redaction.detectors import DETECTORS, Find, find_private, merge
from tasks.redaction.readable import Readable
from tasks.redaction.redact import Redactor

KEY_BODY = "MIIEpAIBAAKCAQEA7bq2l1cYhT9mXvJ4\nq0hJb3d8Zk5sVw==\n"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{KEY_BODY}-----END RSA PRIVATE KEY-----"
GITHUB = "ghp_" + "a1B2c3D4e5F6" * 3

FOUND = [
    # no spaces around
    ("联系我wangfang@qq.com谢谢", "wangfang@qq.com", "EMAIL"),
    ("이메일hong@daum.net으로", "hong@daum.net", "EMAIL"),
    ("邮箱ｗａｎｇ＠ｑｑ．ｃｏｍ。", "ｗａｎｇ＠ｑｑ．ｃｏｍ", "EMAIL"),
    ("write to josé.o'neil+x@a-b.co.uk.", "josé.o'neil+x@a-b.co.uk", "EMAIL"),
    ("?to=wang%40qq.com&x=1", "wang%40qq.com", "EMAIL"),
    ("邮箱wang@qq.com2024年注册", "wang@qq.com", "EMAIL"),
    ("smtp://wang@qq.com", "wang@qq.com", "EMAIL"),
    ("手机13800138000找我", "13800138000", "PHONE"),
    ("手机１３８００１３８０００找我", "１３８００１３８０００", "PHONE"),
    ("13800138000加我微信", "13800138000", "PHONE"),
    ("微信wx13800138000", "13800138000", "PHONE"),
    ("1. **138 0013 8000** - 张三", "138 0013 8000", "PHONE"),
    ("(+86)138-0013-8000", "(+86)138-0013-8000", "PHONE"),
    ("座机021-12345678", "021-12345678", "PHONE"),
    ("请打(0755)2345678", "(0755)2345678", "PHONE"),
    ("전화번호는010-1234-5678이에요", "010-1234-5678", "PHONE"),
    ("01012345678로 연락", "01012345678", "PHONE"),
    ("+82 10 1234 5678", "+82 10 1234 5678", "PHONE"),
    ("(02-123-4567)", "02-123-4567", "PHONE"),
    ("031)123-4567", "031)123-4567", "PHONE"),
    ("(415) 555-0132", "(415) 555-0132", "PHONE"),
    ("001-415-555-0132x99", "001-415-555-0132x99", "PHONE"),
    ("415 555 0132", "415 555 0132", "PHONE"),
    ("UK: +44 20 7946 0958 2024", "+44 20 7946 0958", "PHONE"),
    ("my phone number is 5551234567", "5551234567", "PHONE"),
    ("Tel. 4155552671", "4155552671", "PHONE"),
    ("Can someone call me on (07) 5331 0577?", "(07) 5331 0577", "PHONE"),
    ('{"userPhone": "12345678"}', "12345678", "PHONE"),
    # secrets
    ("密钥sk-abcdefghij1234567890ABCDEFGHIJ报错", "sk-abcdefghij1234567890ABCDEFGHIJ", "SECRET"),
    ("sk-0123456789abcdef0123456789abcdef", "sk-0123456789abcdef0123456789abcdef", "SECRET"),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", "SECRET"),
    (f"토큰은{GITHUB}입니다", GITHUB, "SECRET"),
    (PEM, PEM, "SECRET"),
    (f"cat id_rsa\n{PEM}\nwhat is this", PEM, "SECRET"),
    (PEM.replace("\n", "\\n"), PEM.replace("\n", "\\n"), "SECRET"),
    (PEM[:70], PEM[:70], "SECRET"),  # cut off by a limit
    ("postgres://app:p#s:s@w0rd@db:5432/x", "p#s:s@w0rd", "SECRET"),
    ("redis://:hunter@cache", "hunter", "SECRET"),
    ("https://me:s3cret@host.io/x", "s3cret", "SECRET"),
    ("DB_PASSWORD=hunter22", "hunter22", "SECRET"),
    ("password: 'correct-horse1'", "correct-horse1", "SECRET"),
    ('"passwd" : "a,b{1}c"', "a,b{1}c", "SECRET"),
    ("?password=abc123&user=bob", "abc123", "SECRET"),
    ("my password is Tr0ub4dor.", "Tr0ub4dor", "SECRET"),
    ("密码是abc12345，谢谢", "abc12345", "SECRET"),
    ("密码：“abc12345”", "abc12345", "SECRET"),
    ("비밀번호는 qwer1234! 입니다", "qwer1234!", "SECRET"),
    ("비밀번호:qwer1234", "qwer1234", "SECRET"),
    ("用户名admin密码Abc@1234登录", "Abc@1234", "SECRET"),
    ("密码改成了 Abc@1234", "Abc@1234", "SECRET"),
    ("비밀번호를 qwer1234!로 바꿔줘", "qwer1234!", "SECRET"),
    ("<password>Abc@1234</password>", "Abc@1234", "SECRET"),
    ("Password - qwer1234, pw", "qwer1234", "SECRET"),
    ("pw: qwer1234", "qwer1234", "SECRET"),
    ("api_key: abcd1234efgh", "abcd1234efgh", "SECRET"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG", "SECRET"),
    ("Authorization: Bearer abc.def-1234567890", "abc.def-1234567890", "SECRET"),
    ("请求头用bearer abc.def-1234567890", "abc.def-1234567890", "SECRET"),
    # cards and accounts
    ("卡号4111 1111 1111 1111能用吗", "4111 1111 1111 1111", "CARD"),
    ("4111-1111-1111-1111 12/25 123", "4111-1111-1111-1111", "CARD"),
    ("amex 3782 822463 10005", "3782 822463 10005", "CARD"),
    ("银联6222021234567890128", "6222021234567890128", "CARD"),
    ("DE89 3704 0044 0532 0130 00 PLEASE", "DE89 3704 0044 0532 0130 00", "IBAN"),
    ("gb82west12345698765432", "gb82west12345698765432", "IBAN"),
    # identities
    ("身份证11010519491231002X查询", "11010519491231002X", "CN_ID"),
    ("11010519491231002x", "11010519491231002x", "CN_ID"),
    ("710101199003074516", "710101199003074516", "CN_ID"),  # stdnum.cn.ric: KeyError
    ("44030719900307451X", "44030719900307451X", "CN_ID"),  # stdnum.cn.ric: no
    ("주민번호는 900101-1234567입니다", "900101-1234567", "KR_RRN"),
    ("주민번호 9001011234567", "9001011234567", "KR_RRN"),
    ("SSN 536-90-4399", "536-90-4399", "SSN"),
    ("social security 536904399", "536904399", "SSN"),
    # machines
    ("服务器8.8.4.4连不上", "8.8.4.4", "IP"),
    ("http://93.184.216.34:8080/", "93.184.216.34", "IP"),
    ("ssh root@2001:4860:4860::8888", "2001:4860:4860::8888", "IP"),
]

LEFT_ALONE = [
    "",
    "3141592653589793",
    "计算 13812345678 * 3 等于多少",
    "13812345678 × 2",
    "84834150134 - 6778576 = -16666579378",
    "13812345678을 3으로 나누면?",
    "Is 13812345679 a prime?",
    "x = 3.13800138000 and 0.13800138000",
    "round 13800138000.25",
    "sort 345 678 9012 12 138 0013 8000 5 415 555 0132",
    "订单号13812345678什么时候到",
    "order #4111111111111111 and tracking number 13800138000",
    "주문번호 13812345678 조회",
    "¥13800138000 或 13800138000元 或 13800138000원",
    "timestamp 1700000000000, 1700000000",
    "2024-01-01T12:00:00.123456789Z, UTC+8 2024-01-01, 2024-05-06 13:45:00",
    "my phone 2024-05-06 broke; iPhone 12 13 14 15",
    "550e8400-e29b-41d4-a716-446655440000 01940a91-cba0-7ee1-92cd-070761417085",
    "d41d8cd98f00b204e9800998ecf8427e a13800138000f",
    "version 1.2.3.4, numpy==1.2.3.4, Chrome/120.0.6099.109, 版本1.2.3.4, 버전 1.2.3.4",
    "192.168.1.1 10.0.0.1 127.0.0.1 203.0.113.7 255.255.255.0 fe80::1 2001:db8::1 ::1",
    "std::vector<int> a::b 12:30:45 aa:bb:cc:dd:ee:ff 2.3.4",
    "git@github.com:user/repo.git icon@2x.png vue@3.2.1 a@1.0.0-beta.rc W@x.mean() @app.route",
    "sk-learn sk-cube-grid-item-wrapper-12 task-force risk-assessment-framework-guide-2024",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxx AKIA hf_hub_download npm_config_registry xox",
    "password must be 8-20 chars; password: str = Field(min_length=8)",
    "password = os.environ['PASS1']; password=${DB_PASS1}; password: :pass1",
    "$password = $_POST['x1']; password=hash1(pw); secret_key=config.secret1",
    "password=<your password> password: your_password1",
    "token = tokenizer.encode(text1), max_tokens=51200000, token: 128000, secret: 42",
    "reset your password: https://example.com/reset/123456",
    "密码是什么？密码：至少6位 비밀번호는 영문+숫자 8자리",
    "密码SHA256加密 密码8-16位 비밀번호 MD5 비밀번호를 12345678자 이하로 password > 8",
    "pass the ball; bypass: 12345678; compass: 123456 degrees",
    '{"password": "string", "token": "<token>", "api_key": "YOUR_API_KEY_123"}',
    "explain the -----BEGIN PRIVATE KEY----- header",
    "postgres://user:${PASS1}@host and https://example.com:8080/@user",
    "11010519491231002 110105194912310021 11010519491331002X",
    "240101-9234567 241301-1234567 주문 240101-1234567",
    "000-12-3456 666-12-3456 123-45-67890 part 123-45-6789",
    "GB82WEST12345698765433 AB12CDEF3456",
    "4111111111111112 1234567812345670",
    "01010101010 0000000000000000 1,380,013,800",
]


@pytest.mark.parametrize(("text", "value", "kind"), FOUND)
def test_value_is_cut_exactly(text, value, kind):
    assert Redactor().text(text) == text.replace(value, f"<{kind}_1>")


@pytest.mark.parametrize(
    "text",
    [
        "138 0013 8000, 139 0013 9000",
        "415 555 0132, 415 555 0133",
        "13800138000/13900139000",
        "010-1234-5678 010-1234-5679",
        "4111 1111 1111 1111 5555 5555 5555 4444",
        "8.8.4.4,8.8.8.8",
        "a@x.io;b@x.io",
    ],
)
def test_both_of_two_neighbours_are_cut(text):
    redacted = Redactor().text(text)
    assert "_2>" in redacted
    assert len(re.findall("[0-9@]", redacted)) == 2


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_only_looks_private_stays(text):
    assert Redactor().text(text) == text


@pytest.mark.parametrize("text", [text for text, _, _ in FOUND])
def test_hint_matches_wherever_its_detector_finds_something(text):
    readable = Readable(text).text
    for detector in DETECTORS:
        if list(detector.find(readable)):
            assert re.search(detector.hint, readable.lower()), detector.name


def test_hints_use_no_look_around():
    assert [each.name for each in DETECTORS if re.search(r"\(\?[=!<]", each.hint)] == []


def test_every_detector_has_an_example():
    texts = [Readable(text).text for text, _, _ in FOUND]
    idle = [each.name for each in DETECTORS if not any(list(each.find(text)) for text in texts)]
    assert idle == []


def test_overlapping_finds_become_one_of_the_longest_ones_kind():
    finds = [Find("PHONE", (0, 4)), Find("CARD", (3, 9)), Find("IP", (9, 11))]
    assert merge(finds) == [Find("CARD", (0, 9)), Find("IP", (9, 11))]


def test_ties_go_to_the_earlier_find_then_to_the_earlier_detector():
    assert merge([Find("PHONE", (1, 5)), Find("CARD", (0, 4))]) == [Find("CARD", (0, 5))]
    assert merge([Find("PHONE", (0, 4)), Find("CARD", (0, 4))]) == [Find("PHONE", (0, 4))]


HOSTILE = (
    "1" * 50_000,
    "1 " * 30_000,
    "+1" * 30_000,
    "a" * 50_000 + "@",
    "@a." * 20_000,
    "a://" * 15_000,
    "\\" * 50_000,
    "phone " * 9_000,
    "password=" * 6_000,
    "-----BEGIN PRIVATE KEY-----" * 2_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_text_is_read_in_linear_time(text):
    find_private(Readable(text).text)  # a quadratic pattern takes minutes here
