# What `lifeboat restore` may do in a cluster that is back, or that is to be mended: prove its nodes,
# take one out of raft. It reads no secret but the canary.

# A node that is lost or damaged is taken out of raft before it joins anew. This is the one path here
# with which harm can be done: whoever may use it can shrink the cluster.
path "sys/storage/raft/remove-peer" {
  capabilities = ["update"]
}

path "sys/storage/raft/configuration" {
  capabilities = ["read"]
}

# What `lifeboat restore diagnose` asks of each node.
path "sys/storage/raft/autopilot/state" {
  capabilities = ["read"]
}

# The safety snapshot of what is there before a restore. May be taken away: the folders are kept.
path "sys/storage/raft/snapshot" {
  capabilities = ["read"]
}

# Whether each node knows the mounts that the backup has.
path "sys/mounts" {
  capabilities = ["read"]
}

# A value is written through each node and read at the others. Change both paths together with
# backup.canary in lifeboat.conf.
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
