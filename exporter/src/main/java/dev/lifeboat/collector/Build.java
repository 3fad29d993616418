package dev.lifeboat.collector;

/// What this program is, as labels of `vault_exporter_build_info`.
///
/// @param revision of the sources; `unknown` when not built from a repository
public record Build(String version, String revision, String javaVersion) {
  public static Build of(String version, String revision) {
    return new Build(version, revision, Runtime.version().toString());
  }
}
