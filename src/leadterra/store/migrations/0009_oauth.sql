-- How an account logs in that has no password: OAuth 2.0, by access tokens that a refresh token is good for (RFC 6749 §6).

-- client_secret, refresh_token: sealed; client_secret is null for a client without one. scope: null for all that was granted.
-- generation: grows with each refresh token, so that a new one from the server never overwrites one that a person gave meanwhile.
create table oauth_grants (
  workspace_id uuid not null,
  account_id uuid not null,
  provider text not null check (provider in ('google', 'microsoft', 'custom')),
  token_url text not null,
  client_id text not null,
  client_secret bytea,
  refresh_token bytea not null,
  scope text,
  generation integer not null default 1,
  updated_at timestamptz not null,
  constraint oauth_grants_pkey primary key (workspace_id, account_id),
  constraint oauth_grants_account_fkey foreign key (workspace_id, account_id) references sender_accounts (workspace_id, id) on delete cascade
);
alter table oauth_grants enable row level security;
alter table oauth_grants force row level security;
create policy workspace on oauth_grants to leadterra_app using (workspace_id = leadterra_workspace()) with check (workspace_id = leadterra_workspace());
grant select, insert, update, delete on oauth_grants to leadterra_app;
