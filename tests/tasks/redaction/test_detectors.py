import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.redaction.detectors import DETECTORS, find_private
from tasks.redaction.issuers import FORMS
from tasks.redaction.readable import Readable
from tasks.redaction.redact import Redactor
from tasks.redaction.spans import Find, merge

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
    ("wang@qq.com（工作）", "wang@qq.com", "EMAIL"),
    ("hong@firm.co.kr(업무)", "hong@firm.co.kr", "EMAIL"),
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
    ("英国电话020 7946 0958", "020 7946 0958", "PHONE"),
    ("My Japanese phone is 090-1234-5678.", "090-1234-5678", "PHONE"),
    ("대만 번호 0912-345-678", "0912-345-678", "PHONE"),
    ("wang [at] qq [dot] com", "wang [at] qq [dot] com", "EMAIL"),
    ("wang&#64;qq.com", "wang&#64;qq.com", "EMAIL"),
    ("1\ufe0f\u20e33800138000", "1\ufe0f\u20e33800138000", "PHONE"),
    (
        "data:text/plain;base64,bXkgbWFpbCBpcyB3YW5nQHFxLmNvbQ==",
        "bXkgbWFpbCBpcyB3YW5nQHFxLmNvbQ==",
        "ENCODED",
    ),
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
    ("密碼是abc12345", "abc12345", "SECRET"),
    ("암호는 qwer1234! 입니다", "qwer1234!", "SECRET"),
    ("API 키는 abcd1234efgh", "abcd1234efgh", "SECRET"),
    (
        "私钥：0x4c0883a69102937d6231471b5dbb6204fe512961708279e3b3f4d2c5e0f1a2b3",
        "0x4c0883a69102937d6231471b5dbb6204fe512961708279e3b3f4d2c5e0f1a2b3",
        "SECRET",
    ),
    (
        "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 8\nAAAAB3Nza\nPrivate-MAC: 0a1b2c",
        "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 8\nAAAAB3Nza\nPrivate-MAC: 0a1b2c",
        "SECRET",
    ),
    (
        f"...{'QmFzZTY0' * 6}\n{'QmFzZTY0' * 4}\n-----END RSA PRIVATE KEY-----",
        f"{'QmFzZTY0' * 6}\n{'QmFzZTY0' * 4}\n",
        "SECRET",
    ),  # a log that begins later
    ("Server=db;User Id=sa;Password=sunshine;Encrypt=no", "sunshine", "SECRET"),
    ("Password=sunshine;Data Source=db", "sunshine", "SECRET"),
    ("jdbc:oracle:thin:scott/tiger@//db:1521/x", "tiger", "SECRET"),
    ("jdbc:mysql://db/x?user=a&password=sun5hine", "sun5hine", "SECRET"),
    ("mysql -u root -pSunshine db", "Sunshine", "SECRET"),
    ("mysqldump -h db -p'sun shine' x", "sun shine", "SECRET"),
    ("sshpass -p sunshine ssh me@10.0.0.1", "sunshine", "SECRET"),
    ("redis-cli -h cache -a sunshine ping", "sunshine", "SECRET"),
    ("docker login -u bob -p sunshine", "sunshine", "SECRET"),
    ("PGPASSWORD=sunshine psql -U bob", "sunshine", "SECRET"),
    ("curl -u bob:sunshine https://a.io", "sunshine", "SECRET"),
    ("wget --http-password=sunshine a.io", "sunshine", "SECRET"),
    (
        "{'Authorization': 'Token 9944b09199c62bcf9418ad846dd0e4bb'}",
        "9944b09199c62bcf9418ad846dd0e4bb",
        "SECRET",
    ),
    ("X-Naver-Client-Secret: Ab12Cd34Ef", "Ab12Cd34Ef", "SECRET"),
    ("Cookie: theme=dark; uid=a8f5f167f44f4964e6c9", "a8f5f167f44f4964e6c9", "SECRET"),
    ("PHPSESSID=a8f5f167f44f4964e6c998dee8", "a8f5f167f44f4964e6c998dee8", "SECRET"),
    ("csrf_token: 'a8f5f167f44f4964e6c998dee8'", "a8f5f167f44f4964e6c998dee8", "SECRET"),
    (
        "my seed phrase is "
        "abandon ability able about above absent absorb abstract absurd abuse access accident",
        "abandon ability able about above absent absorb abstract absurd abuse access accident",
        "SECRET",
    ),
    (
        "이거 5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ 뭐야",
        "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
        "SECRET",
    ),
    # wallets: the checksums of the genesis block, BIP 173, BIP 350 and TRON's documents
    ("转到1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa吧", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "WALLET"),
    (
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "WALLET",
    ),
    (
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0로 보내",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "WALLET",
    ),
    ("USDT: TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "WALLET"),
    (
        "send to 0x52908400098527886E0F7030069857D2E4169EE7.",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "WALLET",
    ),
    (
        "solana address 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",
        "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",
        "WALLET",
    ),
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
    ("公司税号91350100M000100Y43开票", "91350100M000100Y43", "CN_USCC"),
    ("统一社会信用代码：911100001000010001", "911100001000010001", "CN_USCC"),
    ("护照号是E12345678", "E12345678", "PASSPORT"),
    ("여권번호 M123A4567", "M123A4567", "PASSPORT"),
    ("My passport number is 533401234", "533401234", "PASSPORT"),
    ("driver's license number is 481195160", "481195160", "LICENCE"),
    ("운전면허증 번호는 11-22-123456-78", "11-22-123456-78", "LICENCE"),
    ("银行账号：6013 8251 0000 1234", "6013 8251 0000 1234", "ACCOUNT"),
    ("계좌번호는 국민은행 123456-04-123456이에요", "123456-04-123456", "ACCOUNT"),
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
    "sort 4207 4651 3705 4043 6088 2376 8062 8824 4552 3884 6802 2242",
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
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "0x0000000000000000000000000000000000000000 sha1: 0x52908400098527886e0f7030069857d2e4169ee7",
    "git show 52908400098527886e0f7030069857d2e4169ee7",
    "91350100M000100Y44 and 911100001000010001",
    "mysql -u root -p mydb; docker run -p 8080:80; ssh -p 2222 me@host; mkdir -p a/b",
    "mysql -uroot -p$PASS; curl -u $USER:$TOKEN a.io; sshpass -p '<password>' ssh",
    "Server=db;User Id=sa;Password=***;",
    "Authorization: Bearer YOUR_TOKEN_HERE and Bearer {token}",
    "set the Cookie header: name=value; session_id = uuid.uuid4()",
    "session_id: 550e8400-e29b-41d4-a716-446655440000",
    "a phrase is two words; the mnemonic ROYGBIV; seed 42",
    "passport photo 35 mm x 45 mm; passport 2024-05-06; driver's license at 16",
    "bank account for 12345 dollars; 계좌 개설 3일",
    "aGVsbG8gd29ybGQgaG93IGFyZSB5b3U= and ThisIsALongCamelCaseIdentifierName",
    "look [at] this; meet me (at) noon",
    "India has 1428627663 people; the UK spent 12345678900 in 2023",
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


def test_both_halves_of_an_aws_key_are_cut():
    text = "AKIAQW1234567890ABCD\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY1"
    assert Redactor().text(text) == "<SECRET_1>\n<SECRET_2>"


def test_every_detector_has_an_example():
    texts = [Readable(text).text for text, _, _ in FOUND]
    tested = {*FORMS, "aws_secrets"}  # in test_issuers and above
    others = [each for each in DETECTORS if each.name not in tested]
    assert [each.name for each in others if not any(list(each.find(text)) for text in texts)] == []


RUNS = st.text(string.ascii_letters + string.digits, min_size=20, max_size=60)
NAMES = (
    *(
        "sol ",
        "solana: ",
        "password: ",
        "Cookie: a=",
        "curl -u a:",
        "passport ",
        "税号",
        "0x",
        "bc1",
    ),
    *("1", "T", "xprv", "5", "GB82", "+", "Authorization: ", "data:;base64,", ""),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(NAMES), RUNS), min_size=1, max_size=4))
def test_no_run_of_letters_and_digits_stops_a_detector(pieces):
    text = " ".join(name + run for name, run in pieces)
    for detector in DETECTORS:
        assert all(0 <= start < end <= len(text) for start, end in detector.find(text))


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
    "mysql -u " * 9_000,
    "cookie: a=" * 9_000,
    "a.b.c [at] " * 6_000,
    "seed phrase: " + "abandon " * 9_000,
    "QmFzZTY0" * 60_000,
    "4111 1111 1111 1111 " * 3_000,
    "1 2 3 4 5 6, 4111 1111 1111 1111, " * 3_000,
    "uk phone " * 9_000 + "1234567",
    ("QmFzZTY0" * 8 + "\n") * 3_000 + "PRIVATE KEY",
    "-----BEGIN PRIVATE KEY-----" * 2_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_text_is_read_in_linear_time(text):
    find_private(Readable(text).text)  # a quadratic pattern takes minutes here
