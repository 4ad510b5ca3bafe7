-- name: find_grant
select account_id, provider, token_url, client_id, client_secret, refresh_token, scope, generation, updated_at
from oauth_grants where workspace_id = :workspace_id and account_id = :account_id;

-- name: save_grant!
-- New, or in place of what was there.
insert into oauth_grants (
  workspace_id, account_id, provider, token_url, client_id, client_secret, refresh_token, scope, generation, updated_at)
values (
  :workspace_id, :account_id, :provider, :token_url, :client_id, :client_secret, :refresh_token, :scope, :generation, :updated_at)
on conflict (workspace_id, account_id) do update
set provider = excluded.provider, token_url = excluded.token_url, client_id = excluded.client_id,
    client_secret = excluded.client_secret, refresh_token = excluded.refresh_token, scope = excluded.scope,
    generation = excluded.generation, updated_at = excluded.updated_at;

-- name: replace_refresh_token!
-- With the one that the server gave for that generation of it.
update oauth_grants set refresh_token = :refresh_token, generation = :generation + 1, updated_at = :now
where workspace_id = :workspace_id and account_id = :account_id and generation = :generation;

-- name: delete_grant!
delete from oauth_grants where workspace_id = :workspace_id and account_id = :account_id;

-- name: list_sealed_grants
-- For the rotation of sealing keys.
select account_id, client_secret, refresh_token from oauth_grants where workspace_id = :workspace_id order by account_id;

-- name: find_sealed_grant
-- Locked: a refresh token that comes meanwhile waits, and is not overwritten with the old one.
select account_id, client_secret, refresh_token from oauth_grants
where workspace_id = :workspace_id and account_id = :account_id
for update;

-- name: reseal_grant!
update oauth_grants set client_secret = :client_secret, refresh_token = :refresh_token
where workspace_id = :workspace_id and account_id = :account_id;
