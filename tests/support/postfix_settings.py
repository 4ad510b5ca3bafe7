"""What Postfix is told, as the texts of its files. It knows no names but its own and asks no name servers."""

from dataclasses import dataclass
from pathlib import Path

from tests.support.dovecot_settings import Beside


@dataclass(frozen=True, slots=True)
class Rights:
    """The user and the group of its mail, as its installation makes them."""

    owner: str
    group: str


@dataclass(frozen=True, slots=True)
class Doors:
    """Where it listens on 127.0.0.1. submission: with STARTTLS, for those who log in. submissions: the same
    with TLS from the start. world: for everybody of this machine, as other servers of the world come in.
    """

    submission: int
    submissions: int
    world: int


@dataclass(frozen=True, slots=True)
class Domains:
    """Those that are special. own: its name is mail. and this. refusing: none of its addresses exist, and are
    refused at RCPT with 550 5.1.1. keeping: what its addresses send is also put into their folder Sent.
    """

    own: str = "acme.test"
    refusing: str = "refused.test"
    keeping: str = "keeping.test"


_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/state
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
syslog_name = postfix
mail_owner = {owner}
setgid_group = {group}

myhostname = mail.{domain}
mydomain = {domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:5.1.1 there are no local users
biff = no
append_dot_mydomain = no
notify_classes =
enable_long_queue_ids = yes

# All the world's mailboxes are next door: nothing leaves this machine, and no name server is asked.
default_transport = lmtp:unix:{lmtp}
virtual_mailbox_domains = {refusing}
virtual_mailbox_maps = inline:{{ nobody@localhost=- }}
recipient_delimiter = +
sender_bcc_maps = regexp:{folder}/conf/copies
disable_dns_lookups = yes
smtpd_peername_lookup = no

# One report for each recipient, at once.
lmtp_destination_recipient_limit = 1
lmtp_destination_concurrency_limit = 10
bounce_queue_lifetime = 10s
maximal_queue_lifetime = 60s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
in_flow_delay = 0

smtpd_tls_chain_files = {folder}/conf/server.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_sasl_security_options = noanonymous
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_relay_restrictions = permit_mynetworks, reject
"""

_MASTER = """
127.0.0.1:{world} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd {login}
127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {login}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_LOGIN = (
    "-o smtpd_sasl_auth_enable=yes -o smtpd_relay_restrictions=permit_sasl_authenticated,reject"
    " -o smtpd_client_restrictions=permit_sasl_authenticated,reject"
)


def settings(folder: Path, rights: Rights, domains: Domains, doors: Doors, sockets: Beside) -> dict[str, str]:
    """Names and texts of its files. The arguments are those of `Postfix`."""
    main = _MAIN.format(
        folder=folder,
        owner=rights.owner,
        group=rights.group,
        domain=domains.own,
        refusing=domains.refusing,
        lmtp=sockets.lmtp,
        auth=sockets.auth,
    )
    master = _MASTER.format(
        world=doors.world, submission=doors.submission, submissions=doors.submissions, login=_LOGIN
    )
    keeping = domains.keeping.replace(".", "\\.")
    copies = f"/^([^@+]+)@({keeping})$/ ${{1}}+Sent@${{2}}\n"
    return {"main.cf": main, "master.cf": master, "copies": copies}
