"""The trait of prompts that are badly typed and still mean something: worth learning to read."""

import polars as pl

from schemas.settings import FilterSettings
from tasks.language import CJK
from tasks.traits.pattern import PROMPT, says

# Words that are no words, and that no common identifier or name is spelled like.
_MISSPELT = (
    "teh|hte|adn|taht|thsi|waht|wich|whcih|becuase|becasue|beacuse|becouse|recieve[ds]?|beleive[ds]?"
    "|definately|definatly|seperate(?:ly|d)?|occured|occurence|untill|wierd|freind(?:s|ly)?|poeple|peopel"
    "|tommorr?ow|tomorow|enviroment(?:al)?|goverment|acheive[ds]?|arguement|begining|calender|collegue"
    "|concious|existance|foriegn|greatful|happend|immediatly|knowlege|libary|maintainance|neccessary"
    "|necesary|noticable|persistant|posession|prefered|priviledge|publically|realy|recomend(?:ed)?"
    "|refered|relevent|religous|remeber|restaraunt|restuarant|rythm|sucess(?:ful)?|succesful|suprise[ds]?"
    "|truely|usefull|vaccum|writting|writen|wirte|wirting|yuo|youre|dont|doesnt|didnt|isnt|wasnt"
    "|couldnt|shouldnt|wouldnt|havent|hasnt|wont|whats|thats|theyre|ive|alot|aswell|infact|atleast"
    "|pls|plz|plese|pleae|plaese|thx|wanna|gonna|gotta|shud|cud|wud|bcz|bcoz|coz|wat|wut|knwo|konw"
    "|langauge|lenght|heigth|widht|exmaple|exemple|expain|explane|explian|diffrent|diffrence|differnt"
    "|difference?s betwen|betwen|beetween|questoin|qustion|awnser|anwser|answear|programing|fucntion"
    "|funciton|retrun|pyhton|phyton|sentance|grammer|gramar|summery of|sumarize|summerize|translat"
    "|trasnlate|traslate|intresting|intrested|comparision|choosed|buyed|goed|informations|advices"
)
# Chinese typed in Latin letters, without words that English has too (women, hen, dan ...).
_PINYIN = (
    "zenme(?:yang|ban|zuo)?|shenme|weishenme|nihao|ni hao|xiexie|zhege|nage|keyi|meiyou|zhidao|xihuan"
    "|yinwei|suoyi|danshi|ruguo|zhongguo|zhongwen|yingwen|bangwo|bang wo|qing wen|qingwen|wo xiang|wo de"
    "|ni de|duoshao|yidian|haode|mingbai|jieshao|fanyi|xuexi|gongzuo|wenti|shihou|xianzai|jintian|mingtian"
)
_ROMANISED = (
    "annyeong(?:haseyo)?|an+yeonghaseyo|gamsahamnida|kamsahamnida|gomawo(?:yo)?|juseyo|haejwo|haejuseyo"
    "|eotteoke|eottoke|ottoke|mwoya|mwo ya|saranghae(?:yo)?|hangugeo?|hanguk|jebal|arasseo|moreugesseo(?:yo)?"
)
# The end of a sentence that was not written.
_UNFINISHED = (
    r"[a-z']+ [a-z']+ [a-z']+ (?:and|or|but|because|the|an?|to|of|with|for|if|which|by|from)\s*$",
    r"[a-z']+ [a-z']+ [a-z']+ [a-z']+,\s*$",
    rf"{CJK}{{4,}}(?:[,，、]|和|或者|因为|但是|如果|而且|以及|的话)\s*$",
    r"[가-힣 ]{6,}(?:그리고|그런데|하지만|때문에|만약|라면|는데,)\s*$",
)
# A loose vowel behind a syllable: 안녕하세ㅛ. ㅜ, ㅠ and ㅡ draw faces.
_LOOSE_VOWEL = "[가-힣][ㅏ-ㅛㅝ-ㅟㅢㅣ]"
_MIXED_WORD = r"[A-Za-z]\p{Cyrillic}|\p{Cyrillic}[A-Za-z]"
_EMBEDDED = rf"{CJK} ?[A-Za-z]{{2,20}} ?{CJK}"


def robustness(_: FilterSettings) -> pl.Expr:
    """Find typos, romanised Chinese and Korean, mixed scripts and sentences without an end.

    Only marks that keyboard noise does not have: this trait protects from the rules on noise.
    """
    typed = says(rf"\b(?:{_MISSPELT}|{_PINYIN}|{_ROMANISED})\b", *_UNFINISHED)
    mixed = PROMPT.str.contains(f"{_LOOSE_VOWEL}|{_MIXED_WORD}")
    switching = PROMPT.str.count_matches(_EMBEDDED) > 1
    return typed | mixed | switching
