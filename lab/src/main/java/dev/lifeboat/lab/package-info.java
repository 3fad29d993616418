/// Real servers on loopback: clusters for tests, the demo and the benchmarks. Ships to nobody.
///
/// [Servers] says where the programs are, [Cluster] runs some of them as one raft cluster,
/// [PreparedCluster] keeps one on disk to be copied instead of built anew, [Provisioning] puts into
/// it what Lifeboat works with. Servers are started by the product's own `sandbox`, so there is one
/// launcher and one leash.
@NullMarked
package dev.lifeboat.lab;

import org.jspecify.annotations.NullMarked;
