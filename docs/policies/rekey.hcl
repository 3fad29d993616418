# What `lifeboat rekey` may do. Whoever holds this token and enough of the old shares can make new
# ones; without shares it can begin a rekey, cancel one, and rotate the barrier key.

# OpenBao. (On HashiCorp Vault, which has not got these paths, `read` lets lifeboat learn that.)
path "sys/rotate/root/init" {
  capabilities = ["read", "update", "delete"]
}

path "sys/rotate/root/update" {
  capabilities = ["update"]
}

path "sys/rotate/root/verify" {
  capabilities = ["read", "update", "delete"]
}

# The same for a cluster that opens itself.
path "sys/rotate/recovery/init" {
  capabilities = ["read", "update", "delete"]
}

path "sys/rotate/recovery/update" {
  capabilities = ["update"]
}

path "sys/rotate/recovery/verify" {
  capabilities = ["read", "update", "delete"]
}

# A new barrier key, after the new shares: the key epoch of backups goes up by one.
path "sys/rotate" {
  capabilities = ["update", "sudo"]
}

path "sys/key-status" {
  capabilities = ["read"]
}

# Whether every voter is there and caught up.
path "sys/storage/raft/configuration" {
  capabilities = ["read"]
}

path "sys/storage/raft/autopilot/state" {
  capabilities = ["read"]
}

# Whether this token may do all of this, before anything is begun.
path "sys/capabilities-self" {
  capabilities = ["update"]
}

path "auth/token/lookup-self" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
