"""Domains whose addresses belong to people who have nothing to do with each other. A value."""

_NAMES = """
    126.com 163.com aliyun.com aol.com att.net bellsouth.net bigpond.com bk.ru bluewin.ch bol.com.br
    btinternet.com comcast.net cox.net daum.net earthlink.net email.com fastmail.com fastmail.fm
    foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com
    hanmail.net hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it icloud.com
    inbox.ru interia.pl kpnmail.nl laposte.net libero.it list.ru live.co.uk live.com live.fr live.nl
    mac.com mail.com mail.ru mailbox.org me.com msn.com naver.com o2.pl onet.pl optonline.net
    orange.fr outlook.com outlook.de outlook.es outlook.fr pm.me posteo.de proton.me protonmail.com
    qq.com rambler.ru rediffmail.com rocketmail.com sapo.pt seznam.cz sfr.fr sina.com sky.com
    t-online.de telenet.be terra.com.br tiscali.it tuta.io tutanota.com uol.com.br verizon.net
    virgilio.it wanadoo.fr web.de wp.pl yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br
    yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru yeah.net ymail.com ziggo.nl zoho.com
"""

FREEMAIL_DOMAINS = frozenset(_NAMES.split())
