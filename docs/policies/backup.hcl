# What `lifeboat backup` may do. Whoever holds this token can read everything through the
# snapshot's storage, but only in the encrypted form in which Vault keeps it.

path "sys/storage/raft/snapshot" {
  capabilities = ["read"]
}

# What a restore will need to know, recorded in the manifest. Each of these may be taken away: the
# manifest then leaves that field out and the backup is still taken.
path "sys/storage/raft/configuration" {
  capabilities = ["read"]
}

path "sys/ha-status" {
  capabilities = ["read"]
}

path "sys/key-status" {
  capabilities = ["read"]
}

path "sys/mounts" {
  capabilities = ["read"]
}

path "sys/auth" {
  capabilities = ["read"]
}

path "sys/policies/acl" {
  capabilities = ["list"]
}

path "identity/entity/id" {
  capabilities = ["list"]
}

# The canary, written just before each backup. Change both paths together with backup.canary in
# lifeboat.conf; leave them out when no canary is configured.
path "secret/data/lifeboat/canary" {
  capabilities = ["create", "update", "read"]
}

path "transit/encrypt/lifeboat-canary" {
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

# For `lifeboat check --live`, which asks what this token may do. Not needed by anything else.
path "sys/capabilities-self" {
  capabilities = ["update"]
}
