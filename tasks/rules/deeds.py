"""How people give orders that need hands, a telephone or an account.

Read in lower case, without greetings and please.
"""

_PLACE = (
    r"(?:flights?|hotel|motel|room|table|seats?|tickets?|rental car|taxi|cab|uber|lyft|airbnb"
    r"|appointment|train|bus|reservations?|ride|shuttle)\b"
)
_CALLED = (
    "(?:me|him|her|them|my [a-z]+|mom|mum|dad|911|an? (?:taxi|cab|uber|ambulance|doctor|plumber)"
    "|the (?:police|bank|doctor|restaurant|hotel))"
)
_DEVICE = (
    "(?:lights?|lamps?|tv|television|volume|music|radio|ac|a/c|air conditioner|heat|heater|heating"
    "|fan|thermostat|speakers?|alarm|oven|vacuum|phone)"
)
_FOR = r"(?: (?:for|to|at|on|of|that|in|every|by|with|under|from|into|called)\b.*)?$"
_A = "(?:an? |the |my |some |another |all |this |next )*"

WISHES = (
    # en
    rf"^(?:book|reserve) (?:me |us )?(?:[a-z0-9-]+ )*{_PLACE}[^?.;:\n]*$",
    rf"^(?:make|schedule|get) (?:me |us )?{_A}(?:[a-z]+ )?(?:reservations?"
    rf"|(?:dentist |doctor'?s? )?appointment) (?:for|at|with|on|in|under)\b",
    rf"^(?:call|phone|dial|ring) {_CALLED}(?: (?:now|right now|at \S+|and (?:tell|ask|say) .+))?$",
    rf"^(?:send|shoot) {_A}(?:text|sms|text message|message) to {_CALLED}\b",
    rf"^send {_A}e-?mail to (?:my [a-z]+|[a-z]*[a-rt-z])$",
    r"^buy (?:me|us) (?:[a-z0-9-]+ )*tickets?\b[^?.,;:\n]*$",
    rf"^(?:schedule|arrange|set up) {_A}(?:[a-z]+ )?(?:call with"
    r"|meeting (?:with|for|at|on|today|tomorrow|next))\b[^?.,;:\n]*$",
    rf"^(?:set|create|make|start|add|put)(?: up)?(?: me)? {_A}(?:[a-z0-9:-]+ )?(?:[a-z0-9:-]+ )?"
    rf"(?:alarm|timer|reminder)s?(?: clock)?{_FOR}",
    r"^remind me (?:to|at|on|in|tomorrow|tonight|later)\b",
    r"^wake me (?:up )?(?:at|by|in|tomorrow|when)\b",
    rf"^(?:turn|switch) (?:on|off|up|down) {_A}(?:[a-z]+ )?{_DEVICE}{_FOR}",
    rf"^(?:turn|switch) {_A}(?:[a-z]+ )?{_DEVICE} (?:on|off|up|down)$",
    rf"^play (?:me )?{_A}(?:[a-z']+ )?(?:music|songs?|playlist|album|track|radio)"
    r"(?: (?:by|from|on|in|called)\b.*)?$",
    rf"^order (?:me |us )?{_A}(?:[a-z]+ )?(?:pizzas?|food|takeout|take-out|groceries|flowers|coffee"
    r"|lunch|dinner|burgers?|sushi)(?: (?:for|to|at|on|in|with|from)\b[^:]*)?$",
    r"^(?:transfer|send|wire|move|pay) (?:me )?(?:[$€£¥₩] ?[0-9][0-9,.]*|[0-9][0-9,.]* ?(?:dollars?"
    r"|bucks|euros?|pounds|usd|won|yuan|[$€£¥₩])) (?:to|from|into)\b",
    r"^(?:transfer|send|wire|move|pay) [0-9][0-9,.]* (?:to|from|into) .*"
    r"\b(?:accounts?|checking|savings?)\b",
    # zh
    "^(?:订|预订|预定|买)(?:一?(?:张|间|个|桌|份)|下|好|到)?[^，。]*"
    "(?:机票|车票|火车票|高铁票|酒店|房间|餐厅|座位|外卖|电影票)$",
    "^(?:打(?:个)?电话给|给[^，。]+(?:打(?:个)?电话|发(?:条|个)?(?:短信|微信)))",
    "^(?:设|定|订|设置|设定)(?:一?个)?[^，。]*(?:闹钟|计时器|定时器|提醒)$",
    "^(?:记得|到时候)?[^，。]*提醒我[^们，。][^，。]*$",
    "^(?:打开|关掉|关上|关闭)(?:客厅|卧室|房间|厨房)?的?(?:灯|空调|电视|窗帘|音乐)$",
    "^(?:播放|放|来)(?:一?首|点|一?曲)[^，。]*(?:歌|歌曲|音乐)$",
    "^叫(?:一?(?:辆|个|份))(?:车|出租车|滴滴|网约车|外卖)$",
    "^发(?:一?封|一?条|个)?(?:电子邮件|邮件|短信|微信)给我?的?(?:老板|领导|同事|经理|老师|客户|妈妈|爸爸)$",
    "^(?:明天|明早|后天|早上|上午|[0-9:：一二三四五六七八九十两点半分])+(?:叫我起床|叫醒我)$",
    "^播放(?:音乐|歌曲)$|^[开关]一?下?(?:客厅|卧室|房间|厨房)?的?(?:灯|空调|电视)$",
    # ko
    "(?:예약|예매)(?:을|를|좀)? ?(?:해|부탁) ?(?:줘|주세요|줄래|드려요|드립니다|해요)$",
    "(?:전화|문자|카톡|메시지)(?:를|을|좀)? ?(?:걸어|해|보내|넣어) ?(?:줘|주세요|줄래)$",
    "^(?:[가-힣]+(?:에게|한테) )?(?:이메일|메일)(?:을|를|좀)? ?보내 ?(?:줘|주세요|줄래)$",
    "(?:알람|타이머|리마인더)(?:를|을|좀)? ?(?:맞춰|설정해|켜|등록해) ?(?:줘|주세요|줄래)$",
    "(?:불|에어컨|티비|tv|텔레비전|음악|노래|조명|보일러)(?:을|를|좀)? ?(?:켜|꺼|틀어|재생해)"
    " ?(?:줘|주세요|줄래)$",
    "(?:택시|배달|피자|치킨|음식)(?:를|을|좀)? ?(?:불러|시켜|주문해) ?(?:줘|주세요|줄래)$",
    "(?:시에|분에|내일|아침에) ?깨워 ?(?:줘|주세요|줄래)$",
)

# A text or a program about it, or a dialogue that is to be played.
TEXTS = (
    r"\b(?:write|essay|poem|story|translate|code|function|script|python|javascript|java|api|html"
    r"|css|class|method|how (?:do|can|to)|explain|why|mean|sentence|draft|rewrite|classify|intent"
    r"|extract|json|design|system|database|pretend|imagine|role.?play|say in|websites?|web|page"
    r"|game|bot|arduino|react|unity|program|component|circuit|logo|image|draw|recommend|suggest"
    r"|tips?|advice|which|what|should|best|compare|plan|itinerary|excel|c#|js|typescript"
    r"|kotlin|swift|rust|golang|php|ruby|bash|vue|flutter|whom|in (?:korean|english|chinese"
    r"|japanese|french|german|spanish))\b",
    "推荐|建议|哪|什么|注意|区别|计划|写|代码|怎么|如何|怎样|翻译|函数|程序|系统|设计|对话|英语|意思|句子|流程|攻略|脚本|为什么|软件"
    "|作文|名言|格言|故事|台词|笑话",
    "추천|조언|어디|무엇|뭐|팁|계획|방법|코드|번역|작성|글|문장|어떻게|함수|프로그램|영어|시스템|뜻|대화",
)
