"""Common first names of English and Dutch speakers, and Japanese family names. Lists of what is common, no more."""

ENGLISH = """
aaron abigail adam adrian aisha alan albert alex alexander alexandra alfie alice alicia alison amanda amber amelia amy
andrea andrew angela anna anne annie anthony antonio archie arthur ashley barbara barry beatrice ben benjamin bernard
beth bethany betty beverly bradley brandon brenda brian bruce bryan callum cameron carl carlos carol caroline
catherine charles charlotte chloe chris christian christina christine christopher claire clare clara colin connor
craig daisy daniel danielle darren dave david dawn deborah declan denise dennis derek diana diane dominic donald donna
dorothy douglas duncan dylan edward eileen elaine eleanor elizabeth ella ellen ellie elliot emily emma eric erin ethan
eva evelyn fatima fiona florence francesca francis freya gareth gary gemma geoffrey george georgia gerald gillian
gordon graham gregory hannah harold harriet harry hazel heather heidi helen henry howard hugh ian imran irene isaac
isabel isabella isla jacob jacqueline jake james jamie jane janet janice jasmine jason jayden jean jeffrey jennifer
jenny jeremy jerry jessica jim joan joanna joanne joe joel john jonathan jordan jose joseph joshua joyce judith judy
julia julian julie justin karen karl kate katherine kathleen kathryn katie keith kelly kenneth kerry kevin kieran kim
kimberly kyle larry laura lauren lawrence leah lee leo leon lewis liam lily linda lindsay lisa logan lorraine louis
louise lucas lucy luke lydia lynn maisie malcolm marcus margaret maria marie marilyn marion martha martin mary mason
matthew maureen megan melanie melissa mia michael michelle miguel mike miriam mohammed molly monica muhammad nadia
nancy naomi natalie natasha nathan neil nicholas nicola nicole nigel noah nora norman olivia oliver oscar owen pamela
patricia patrick paul paula pauline peter philip phillip phoebe priya rachel ralph raymond rebecca reece rhys richard
riley robert roger ronald rosemary rosie roy russell ruth ryan sabrina sally sam samantha samuel sandra sara sarah
scott sean sebastian shane shannon sharon sheila shirley simon sofia sophia sophie stacey stanley stella stephanie
stephen steve steven stewart stuart susan suzanne sylvia tania tara ted teresa terry theo theresa thomas tim timothy
tina toby tom tommy tony tracey tracy trevor tristan tyler valerie vanessa vera veronica vicky victor victoria vincent
virginia wayne wendy william yvonne zachary zara zoe
"""
DUTCH = """
aad aafke aart abdel achmed adriaan ahmed albertus alida anja anke ankie anneke annelies annemarie anouk antoon arend
arie arjan arjen arnold astrid bart bas bastiaan bea bernadette berend bert bianca boudewijn bram brigitte cees
chantal charlotte coen constantijn coos cor cora corine cornelis daan dagmar danique davy debora dewi dick diederik
dirk dolf eline ellen els elsbeth emiel erik esmee esther evert eveline femke ferdinand fieke fleur floor floris frans
freek frederik frits gerard gerben gerda gerrit gert gijs greet hanneke hans harm hassan hein hendrik henk herman
hilde huub hugo ilse inge ingrid irma ivo jaap jacco jacoba janneke jantine jasper jelle jeroen jesse job joke jolanda
joop joost joris jos josien jurgen juul karel karin karst katinka kees klaas klaartje koen koos lars lieke liesbeth
lieve lotte luuk maaike maarten maartje manon marcel margriet marieke marijke marijn marije marit marjan marjolein
marleen martijn mathilde maud mees menno merel michiel miep mieke milan milou mirjam monique nelleke niek niels nienke
noor noortje olaf olga omar paulien petra pieter pim piet puck quinten reinier remco rembrandt renate rene ria rianne
ricardo rick rienk rik rinus roderick roel roelof ronald roos rosalie ruben rutger ruud sander sanne saskia sebastiaan
sem sharon siem sjaak sjoerd sofie stan stefan stijn suzan sven sybren tamara teun teuntje thea thijs tijn tineke
tinus titia tjeerd truus twan ursula vincent wessel wiebe wieke wil willeke willem willemijn wilma wim wouter xander
yara yasmin youssef yvette zeger
"""
# Words of everyday language too: they count inside a sentence, or before a family name.
ALSO_WORDS = """
dean faith frank grace hope iris ivy jack jan joy max pat penny ray rob rose roos wil els bea bas rik sem guy jade ruby
lee heather hazel daisy lily noor bert amber isla fleur mason tyler jean kim stan cor bob
"""
# Only before a family name, and where no sentence begins: "Will Acme deliver?", "in May", "to Jordan".
ALSO_VERBS = "art ben bill chase drew floor grant job lieve mark may puck sue will"
ALSO_MONTHS_AND_PLACES = (
    "april august charlotte dawn florence georgia jordan june milan summer sydney victoria virginia"
)

JAPANESE_FAMILY = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 山本 中村 小林 加藤 吉田 山田 佐々木 松本 井上 木村 斎藤
齋藤 清水 山崎 池田 橋本 阿部 森田 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本
斉藤 福田 太田 西村 藤井 金子 岡本 藤原 三浦 中野 中川 原田 松田 竹内 小野 田村 中山 和田
石田 森山 上田 原口 柴田 酒井 工藤 横山 宮本 内田 高木 安藤 島田 谷口 大野 丸山 今井 河野
藤本 村田 武田 上野 杉山 増田 小島 平野 大塚 千田 久保 松井 野口 菊地 木下 佐野 野村 菅原
"""
