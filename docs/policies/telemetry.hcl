# What `lifeboat agent` may do besides docs/policies/watch.hcl when it passes on the node's telemetry
# with a login (collectors.telemetry.login = true). Each fetch writes two audit lines.

path "sys/metrics" {
  capabilities = ["read"]
}
