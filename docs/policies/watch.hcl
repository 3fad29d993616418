# What `lifeboat agent` may do to watch: three reads, and its own token. No secret, no sudo.
# Each call writes two audit lines; see docs/configuration.md for the sum per day.

path "sys/storage/raft/configuration" {
  capabilities = ["read"]
}

path "sys/storage/raft/autopilot/state" {
  capabilities = ["read"]
}

path "sys/ha-status" {
  capabilities = ["read"]
}

# Its own token only: so that the role can do without the `default` policy.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
