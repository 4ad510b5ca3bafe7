"""What Dovecot 2.4 is told, which speaks another language than 2.3. See `dovecot_settings`."""

MAIN = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
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
default_vsz_limit = unlimited

ssl = yes
ssl_server_cert_file = {folder}/server.pem
ssl_server_key_file = {folder}/server.pem
auth_allow_cleartext = yes
auth_mechanisms = plain login{mechanisms}
auth_failure_delay = 0
auth_username_format = %{{user | lower}}
mail_max_userip_connections = 100000

first_valid_uid = 1
mail_uid = {owner}
mail_driver = maildir
mail_path = ~/Maildir
mail_fsync = never
mail_plugins {{
  quota = yes
}}
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

passdb passwd-file {{
  passdb_mechanisms_filter = plain login
  passwd_file_path = {folder}/users/%{{user | lower}}
}}
userdb passwd-file {{
  passwd_file_path = {folder}/users/%{{user | lower}}
}}
{tokens}
quota "User quota" {{
  quota_driver = count
}}
quota_storage_grace = 0
sieve_script personal {{
  driver = file
  path = ~/sieve
  active_path = ~/active.sieve
}}
sieve_extensions {{
  vacation-seconds = yes
  editheader = yes
}}
sieve_vacation_min_period = 0
sieve_vacation_check_recipient = no
protocol lmtp {{
  mail_plugins {{
    sieve = yes
  }}
}}

service imap-login {{
  chroot =
  restart_request_count = unlimited
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
  restart_request_count = unlimited
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

TOKENS = """
oauth2 {{
  introspection_mode = get
  introspection_url = {url}
  username_attribute = username
  active_attribute = active
  active_value = true
}}
"""
