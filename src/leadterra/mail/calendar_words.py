"""The names of months and weekdays as people write them in their languages: tables, all lower case.

Abbreviations stand without their dot. Numbers are those of `date`: January is 1, Monday is 0.
"""

from types import MappingProxyType

_MONTHS = (
    "january jan enero ene janvier janv janeiro gennaio gen januar januari janúar jänner jän jaanuar"
    " stycznia styczeń sty ledna leden led január januára ianuarie ian ocak oca января январь янв січня"
    " січень січ ιανουαρίου ιαν tammikuuta tammikuu siječnja janvāris sausio januara januára gener januarja"
    " يناير ינואר בינואר",
    "february feb febr febrero février fevrier févr fév fevereiro fev febbraio februar februari helmikuuta"
    " helmikuu lutego luty lut února únor úno február februára februarie şubat şub февраля февраль фев"
    " лютого лютий лют φεβρουαρίου φεβ veljače februāris vasario februara febrer feber"
    " فبراير פברואר pebruari בפברואר",
    "march mar marzo mars março marco märz maerz mär mrz maart mrt marts maaliskuuta maaliskuu marca marzec"
    " března březen bře brezna március marec martie mart марта март мар березня березень бер μαρτίου μαρ"
    " ožujka kovo març"
    " مارس מרץ מרס maret במרץ במרס",
    "april apr abril abr avril avr aprile huhtikuuta huhtikuu kwietnia kwiecień kwi dubna duben dub április"
    " apríla apríl aprilie nisan nis апреля апрель апр квітня квітень квіт απριλίου απρ travnja balandžio"
    " أبريل ابريل אפריל באפריל",
    "may mayo mai maio maggio mag mei maj toukokuuta toukokuu maja května květen kvě kvetna május mája máj"
    " mayıs may мая май травня травень трав μαΐου μαι svibnja gegužės maig"
    " مايو מאי במאי",
    "june jun junio juin junho giugno giu juni kesäkuuta kesäkuu czerwca czerwiec cze června červen čvn"
    " június júna jún iunie haziran haz июня июнь июн червня червень черв ιουνίου ιουν lipnja birželio juny"
    " junij junija"
    " يونيو יוני ביוני",
    "july jul julio juillet juil julho luglio lug juli heinäkuuta heinäkuu lipca lipiec lip července"
    " červenec čvc július júla júl iulie temmuz tem июля июль июл липня липень лип ιουλίου ιουλ srpnja"
    " liepos juliol julij julija"
    " يوليو יולי ביולי",
    "august aug agosto ago août aout augustus augusti elokuuta elokuu sierpnia sierpień sie srpna srpen srp"
    " augusztus augusta ağustos ağu августа август авг серпня серпень серп αυγούστου αυγ kolovoza"
    " rugpjūčio agost avgust avgusta"
    " أغسطس اغسطس אוגוסט agustus באוגוסט",
    "september sep sept septiembre setiembre septembre setembro set settembre syyskuuta syyskuu września"
    " wrzesień wrz září zář szeptember septembra septembrie eylül eyl сентября сентябрь сен сент вересня"
    " вересень вер σεπτεμβρίου σεπ rujna rugsėjo setembre septembar"
    " سبتمبر ספטמבר בספטמבר",
    "october oct octubre octobre outubro out ottobre ott oktober okt lokakuuta lokakuu października"
    " październik paź října říjen říj október októbra octombrie ekim eki октября октябрь окт жовтня"
    " жовтень жовт οκτωβρίου οκτ spalio"
    " أكتوبر اكتوبر אוקטובר באוקטובר",
    "november nov noviembre novembre novembro marraskuuta marraskuu listopada listopad lis listopadu"
    " novembra noiembrie noi kasım kas ноября ноябрь ноя нояб листопада листопад лист νοεμβρίου νοε"
    " studenoga lapkričio"
    " نوفمبر נובמבר בנובמבר",
    "december dec diciembre dic décembre decembre déc dezembro dez dicembre dezember desember des"
    " joulukuuta joulukuu grudnia grudzień gru prosince prosinec pro decembra decembrie aralık ara декабря"
    " декабрь дек грудня грудень груд δεκεμβρίου δεκ prosinca gruodžio desembre"
    " ديسمبر דצמבר בדצמבר",
)
MONTHS = MappingProxyType({word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()})
"""The number of a month by its name."""

_WEEKDAYS = (
    "monday mon montag montags lundi lun lunes lunedì lunedi segunda segunda-feira seg maandag ma måndag"
    " mån mandag man maanantai maanantaina poniedziałek poniedziałku poniedzialek pon pondělí pondeli"
    " pondelok hétfő hétfőn luni pazartesi pzt понедельник понедельника пн понеділок понеділка δευτέρα"
    " ponedjeljak dilluns 月曜日 月曜 星期一 周一 週一 월요일",
    "tuesday tue tues dienstag mardi martes martedì martedi terça terça-feira ter dinsdag di tisdag tis"
    " tirsdag tir tiistai tiistaina wtorek wtorku wt úterý utery utorok kedd kedden marți marti salı"
    " вторник вторника вт вівторок вівторка τρίτη utorak dimarts 火曜日 火曜 星期二 周二 週二 화요일",
    "wednesday wed mittwoch mercredi mer miércoles miercoles mié mercoledì mercoledi quarta quarta-feira qua"
    " woensdag wo onsdag ons keskiviikko keskiviikkona środa środę środy sroda śr středa středu středy stř"
    " streda stredu szerda szerdán miercuri çarşamba среда среду среды ср середа середу середи τετάρτη"
    " srijeda dimecres 水曜日 水曜 星期三 周三 週三 수요일",
    "thursday thu thur thurs donnerstag jeudi jeu jueves jue giovedì giovedi quinta quinta-feira qui"
    " donderdag torsdag tors tor torstai torstaina czwartek czwartku czw čtvrtek ctvrtek čtvrtka štvrtok"
    " csütörtök csütörtökön joi perşembe четверг четверга чт четвер четверга πέμπτη četvrtak dijous"
    " 木曜日 木曜 星期四 周四 週四 목요일",
    "friday fri freitag vendredi ven viernes vie venerdì venerdi sexta sexta-feira sex vrijdag vr fredag"
    " fre perjantai perjantaina piątek piątku piatek pt pátek patek pátku piatok péntek pénteken vineri"
    " cuma пятница пятницу пятницы пт п'ятниця п’ятницю παρασκευή petak divendres 金曜日 金曜 星期五 周五"
    " 週五 금요일",
    "saturday sat samstag sonnabend samedi sam sábado sabado sáb sabato zaterdag za lördag lör lørdag lør"
    " lauantai lauantaina sobota sobotę soboty sob sobotu szombat szombaton sâmbătă cumartesi суббота"
    " субботу сб субота суботу σάββατο subota dissabte 土曜日 土曜 星期六 周六 週六 토요일",
    "sunday sun sonntag dimanche dim domingo dom domenica zondag zo söndag sön søndag søn sunnuntai"
    " sunnuntaina niedziela niedzielę niedzieli neděle neděli nedele nedeľa vasárnap duminică pazar"
    " воскресенье воскресенья вс неділя неділю κυριακή nedjelja diumenge 日曜日 日曜 星期日 星期天 周日 週日"
    " 일요일",
)
WEEKDAYS = MappingProxyType(
    {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()}
)
"""The number of a weekday by its name."""
