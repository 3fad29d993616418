package dev.lifeboat.ssh;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.signature.Signature;
import org.jspecify.annotations.Nullable;

/// The keys that one server may have, for one connection. Any other is refused, and nothing is ever
/// written down as known.
///
/// Of a `known_hosts` file the lines count whose names match the configured host and port, not what
/// its name resolves to. `@revoked` is obeyed; `@cert-authority` lines count for nothing, because
/// host certificates are not asked for.
final class HostKeys implements ServerKeyVerifier {
  private static final int DEFAULT_PORT = 22;

  private final SshLogin login;
  private final List<PublicKey> good;
  private final List<PublicKey> revoked;
  // Written on a thread of the library, before the future that ours waits for.
  private volatile @Nullable String refusal;

  private HostKeys(SshLogin login, List<PublicKey> good, List<PublicKey> revoked) {
    this.login = login;
    this.good = List.copyOf(good);
    this.revoked = List.copyOf(revoked);
  }

  static HostKeys read(SshLogin login) throws IOException {
    List<PublicKey> good = new ArrayList<>();
    List<PublicKey> revoked = new ArrayList<>();
    switch (login.hostKey()) {
      case HostKey.Pinned(String line) -> good.add(parsed(line));
      case HostKey.KnownHosts(Path file) -> {
        for (String line : Files.readAllLines(file)) {
          entry(line).ifPresent(entry -> add(login, entry, good, revoked));
        }
      }
    }
    return new HostKeys(login, good, revoked);
  }

  private static PublicKey parsed(String line) throws IOException {
    try {
      return PublicKeyEntry.parsePublicKeyEntry(line)
          .resolvePublicKey(null, Map.of(), PublicKeyEntryResolver.FAILING);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("host-key is no public key", e);
    }
  }

  /// A line that cannot be read makes no key known.
  private static Optional<KnownHostEntry> entry(String line) {
    if (line.isBlank() || line.startsWith("#")) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(KnownHostEntry.parseKnownHostEntry(line));
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  private static void add(
      SshLogin login, KnownHostEntry entry, List<PublicKey> good, List<PublicKey> revoked) {
    boolean named = entry.isHostMatch(login.host(), login.port());
    try {
      PublicKey key = entry.getKeyEntry().resolvePublicKey(null, PublicKeyEntryResolver.FAILING);
      String marker = entry.getMarker();
      // The library matches `*` with no port but 22; what is revoked is so on all of them.
      if ("revoked".equals(marker) && (named || entry.isHostMatch(login.host(), DEFAULT_PORT))) {
        revoked.add(key);
      } else if (named && (marker == null || marker.isEmpty())) {
        good.add(key);
      }
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      return; // Of a type that nobody here can check.
    }
  }

  /// What to ask the server for: keys of the types that are known first, or it would show another
  /// one of its keys. No certificates, no SHA-1.
  List<NamedFactory<Signature>> signatures() {
    List<String> known = good.stream().map(KeyUtils::getKeyType).toList();
    return ClientBuilder.setUpDefaultSignatureFactories(true).stream()
        .filter(each -> !each.getName().contains("-cert-") && !each.getName().equals("ssh-rsa"))
        .sorted(
            Comparator.comparing(
                each -> !known.contains(KeyUtils.getCanonicalKeyType(each.getName()))))
        .toList();
  }

  @Override
  public boolean verifyServerKey(ClientSession session, SocketAddress server, PublicKey key) {
    if (revoked.stream().anyMatch(each -> KeyUtils.compareKeys(each, key))) {
      refusal =
          "the host key %s of %s is revoked in %s\nhint: %s"
              .formatted(
                  print(key), host(), where(), "somebody may be between here and the server");
      return false;
    }
    if (good.stream().anyMatch(each -> KeyUtils.compareKeys(each, key))) {
      return true;
    }
    refusal = good.isEmpty() ? unknown(key) : changed(key);
    return false;
  }

  private String unknown(PublicKey key) {
    return "the host key %s of %s is not in %s\nhint: %s"
        .formatted(
            print(key),
            host(),
            where(),
            "compare it with `ssh-keygen -lf` of the key files on the server, then append"
                + " `ssh-keyscan -p %d %s`".formatted(login.port(), login.host()));
  }

  private String changed(PublicKey key) {
    return "the host key of %s has changed: it shows %s, %s has %s\nhint: %s"
        .formatted(
            host(),
            print(key),
            where(),
            good.stream().map(HostKeys::print).collect(Collectors.joining(", ")),
            "somebody may be between here and the server; if its key was changed on purpose,"
                + " correct "
                + where());
  }

  /// Why the server was refused, if it was.
  Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  private String host() {
    return login.host() + ":" + login.port();
  }

  private String where() {
    return switch (login.hostKey()) {
      case HostKey.KnownHosts(Path file) -> file.toString();
      case HostKey.Pinned _ -> "host-key";
    };
  }

  /// As OpenSSH prints it: `ssh-ed25519 SHA256:…`.
  private static String print(PublicKey key) {
    return KeyUtils.getKeyType(key) + " " + KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
  }
}
