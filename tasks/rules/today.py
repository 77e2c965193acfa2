"""How people ask about now: read in lower case, without greetings and please."""

_ASK = "(?:(?:tell|show|give) me |do you know |i(?:'d| would)? (?:want|need|like) to know |check )?"
_WHEN = (
    "(?: outside| today| now| right now| tomorrow| tonight| currently| at the moment"
    r"| this (?:week|weekend|morning|afternoon|evening)| (?:in|for|at|over|near) [\p{L} ,.'-]+)"
)
# "the time for a transfer" is another time
_WHERE = "(?: now| right now| currently| today| in [\\p{L} ,.'-]+)"
_ASK_ME = "(?:(?:tell|show|give) me |check )"
_FRESH = "(?:current|latest|today's|live|real.?time)"
_OF_WHAT = (  # "the current rate" alone is that of a sum
    r"(?:(?:[\p{L}/&.]+ )*(?:news|headlines)|(?:[\p{L}/&.]+ )+(?:price|rate|quote|score))"
    r"(?: (?:of|for|on|about|between|from|to) [\p{L}/&' -]+)?"
    r"|(?:price|rate|quote|score) (?:of|for|on|between|from) [\p{L}/&' -]+"
)
_GOODS = "(?:stock|share|gas|gold|oil|bitcoin|btc|ethereum|crypto)"
_CHINESE_GOODS = "(?:比特币|以太坊|黄金|白银|汽油|茅台|美元)"

WISHES = (
    # en
    rf"^{_ASK}(?:what(?:'s| is| will)|how(?:'s| is)) (?:the )?(?:current |local )?(?:weather"
    rf"|temperature|forecast)(?: like| be| be like| going to be(?: like)?| looking(?: like)?"
    rf"| it is)?{_WHEN}*$",
    rf"^{_ASK}(?:the )?(?:current |latest )?(?:weather|forecast)(?: forecast)?{_WHEN}+$",
    "^(?:will it|is it(?: going to| gonna)?|does it look like) (?:rain|snow|raining|snowing|storm"
    rf"|be (?:hot|cold|sunny|windy|cloudy|warm)){_WHEN}*$",
    rf"^{_ASK}what(?:'s| is)? (?:time is it|the (?:current )?time|time it is){_WHERE}*$",
    rf"^{_ASK}what(?:'s| is) (?:the |today's )?(?:current |exact )?date(?: today)?$",
    rf"^{_ASK}(?:what|which) (?:day|date|month) (?:is it|is today|it is)(?: today)?$",
    rf"^(?:{_ASK_ME}|{_ASK}(?:what(?:'s|s| is| are)|how(?:'s| is)) )(?:the )?{_FRESH}"
    rf" (?:{_OF_WHAT}){_WHEN}*$",
    rf"^{_FRESH} (?:[\p{{L}}&]+ ){{0,3}}(?:price|rate|score|news|headlines)$",
    rf"^{_ASK}(?:what(?:'s| is) (?:the )?|how much is )(?:[\p{{L}}.]+ )*{_GOODS}"
    r"(?: (?:price|rate|trading at|worth|doing))*(?: of [\p{L}.]+)?"
    " (?:today|now|right now|currently|at the moment)$",
    rf"^{_ASK}what(?:'s| is) (?:the )?(?:stock|share) price of [\p{{L}}.&]+$",
    rf"^{_ASK}who won [^?.,]*(?:last night|yesterday|today)$",
    rf"^{_ASK}what(?:'s| is) (?:(?:in |on )?the news|happening in the world)(?: today"
    rf"| right now)?$",
    # zh
    "(?:今天|明天|后天|现在|今晚|当前|目前|最新|今日|实时|此刻).*"
    "(?:天气|气温|几点|股价|汇率|油价|金价|币价|新闻|比分|星期几|几号|路况|限行|大盘)"
    "(?:怎么?样|如何|是?多少|呢|了|啊|情况|预报|是?什么|有哪些|有什么)*$",
    "^.{0,6}(?:天气预报|天气怎么?样|天气如何)$",
    "^(?:今天|明天|后天|今晚)[^，。]{0,4}(?:会|要)(?:不会)?(?:下雨|下雪)么?$",
    f"^(?:(?:现在|今天|目前){_CHINESE_GOODS}|{_CHINESE_GOODS}(?:现在|今天|目前))的?(?:价格)?是?多少钱?$",
    # ko
    "(?:오늘|내일|모레|지금|현재|최신|실시간|이번 ?주).*(?:날씨|기온|주가|환율|뉴스|점수|유가|시세)"
    "(?:가|는|은|이|를|을|도|좀)? ?(?:어때|어떤가|어떻|알려|뭐야|얼마|궁금|보여)",
    "^(?:[가-힣]+ )?(?:오늘|내일|모레|이번 ?주|주말)의? (?:[가-힣]+ )?날씨$",
    "^(?:내일|모레|주말에)(?:은|도)? ?(?:비|눈)(?:가|이)? ?(?:와|오나|올까|오니)요?$",
    "(?:주가|환율|시세)(?:를|가|는|은|좀)? ?(?:알려 ?(?:줘|주세요)|얼마야|얼마예요)$",
    "^(?:지금|현재) ?(?:은|는)? ?(?:시간|몇 ?시)",
    "^오늘(?:은|이)? ?(?:날짜|며칠|몇 ?일|무슨 ?요일)",
)

# A text, a plan or a program about it, or a question about the matter as such.
TEXTS = (
    r"\b(?:write|essay|poem|story|translate|code|function|script|python|api|app|html"
    r"|how (?:do|can|to)|explain|why|mean|definition|summari[sz]e|sentence|say|design|create"
    r"|generate|advice|tips?|recommend|(?:jan|febr)uary|march|april|june|july|august"
    r"|(?:sept|nov|dec)ember|october|winter|summer|spring|autumn|usually|typically|average|mars"
    r"|venus|moon|jupiter|history|space|sun|core|planet|universe|oven"
    r"|in an?|in (?:the )?(?:game|movie|film|novel|book|physics|philosophy|chemistry|music))\b",
    "看待|看法|夏|冬|春|秋|月|季节|气候|一般|通常|平均|推荐|建议|写|作文|诗|翻译|为什么|代码|函数|程序|接口|故事|造句|描述|解释|设计|生成|编|英语|语|影响|分析|意思",
    "여름|겨울|가을|계절|보통|평균|추천|써|쓰|작성|번역|영어|코드|시를|일기|만들|함수|설명|왜|이유|소설|문장|표현|영향|일본어|중국어|한국어",
)
