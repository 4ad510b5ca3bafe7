"""What Dovecot is told, as the texts of its files. Fast and forgetful: nothing is flushed to the disk."""

from dataclasses import dataclass
from pathlib import Path

from tests.support import dovecot_settings_2_4

RESPONDER = """require ["vacation", "vacation-seconds", "editheader", "fileinto", "mailbox"];
# It answers no mailing lists (RFC 5230 §4.6), and takes List-Unsubscribe for one; most other responders do
# not.
keep;
deleteheader "List-Unsubscribe";
deleteheader "List-Unsubscribe-Post";
vacation :seconds {seconds} {subject} {text};
"""
"""A Sieve script that answers letters. To be filled with seconds, `:subject "…"`, text."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where it listens on 127.0.0.1. imap: with STARTTLS. imaps: TLS from the start."""

    imap: int
    imaps: int


@dataclass(frozen=True, slots=True)
class Beside:
    """Sockets for the mail server beside it. lmtp: takes letters. auth: says whether a login is right, in
    Dovecot's own protocol.
    """

    lmtp: Path
    auth: Path


def beside(folder: Path) -> Beside:
    """The sockets of a Dovecot that has this folder."""
    return Beside(folder / "lmtp", folder / "logins")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a test wants of it; see `Dovecot`."""

    submission_port: int | None
    introspection_url: str | None
    processes: int
    clients: int


_MAIN = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
log_timestamp = "%Y-%m-%d %H:%M:%S "
protocols = imap lmtp
listen = 127.0.0.1
hostname = 127.0.0.1
postmaster_address = postmaster@localhost.test
instance_name = leadterra-test
default_internal_user = {owner}
default_internal_group =
default_login_user = {owner}
default_client_limit = {connections}
default_vsz_limit = 0
shutdown_clients = yes

ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
disable_plaintext_auth = no
auth_mechanisms = plain login{mechanisms}
auth_failure_delay = 0
auth_username_format = %Lu
mail_max_userip_connections = 100000

first_valid_uid = 1
mail_uid = {owner}
mail_location = maildir:~/Maildir
mail_fsync = never
mail_plugins = quota
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
submission_host = 127.0.0.1:{submission_port}
submission_timeout = 10s

namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
}}

passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = username_format=%Lu {folder}/users/%Lu
}}
userdb {{
  driver = passwd-file
  args = username_format=%Lu {folder}/users/%Lu
}}
{tokens}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  sieve = file:~/sieve;active=~/active.sieve
  sieve_extensions = +vacation-seconds +editheader
  sieve_vacation_min_period = 0
  sieve_vacation_dont_check_recipient = yes
}}
protocol lmtp {{
  mail_plugins = quota sieve
}}

service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  process_limit = 1
  client_limit = {connections}
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service imap {{
  process_limit = {processes}
  client_limit = {clients}
  service_count = 0
}}
service lmtp {{
  process_min_avail = 1
  unix_listener {lmtp} {{
    mode = 0666
  }}
}}
service auth {{
  user = {owner}
  unix_listener {auth} {{
    mode = 0666
  }}
}}
service auth-worker {{
  user = {owner}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = {folder}/tokens.conf
}}
"""

_INTROSPECTION = """
introspection_mode = get
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


def settings(folder: Path, owner: str, ports: Ports, wishes: Wishes, *, is_2_4: bool) -> dict[str, str]:
    """Names and texts of its files. owner: the user it runs as."""
    url = wishes.introspection_url
    mechanisms, tokens = "", ""
    if url:
        mechanisms = " oauthbearer xoauth2"
        tokens = (dovecot_settings_2_4.TOKENS if is_2_4 else _TOKENS).format(folder=folder, url=url)
    main = (dovecot_settings_2_4.MAIN if is_2_4 else _MAIN).format(
        folder=folder,
        owner=owner,
        imap=ports.imap,
        imaps=ports.imaps,
        lmtp=beside(folder).lmtp,
        auth=beside(folder).auth,
        submission_port=wishes.submission_port or 1,
        mechanisms=mechanisms,
        tokens=tokens,
        processes=wishes.processes,
        clients=wishes.clients,
        connections=max(1000, 3 * wishes.processes * wishes.clients),
    )
    return {"dovecot.conf": main, "tokens.conf": _INTROSPECTION.format(url=url or "")}
