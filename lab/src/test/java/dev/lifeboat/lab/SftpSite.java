package dev.lifeboat.lab;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.ssh.HostKey;
import dev.lifeboat.ssh.SshLogin;
import dev.lifeboat.store.SftpConfig;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.sftp.SftpStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/// A store in a folder behind one [Sshd], as a test wants it.
record SftpSite(
    int port,
    Path folder,
    HostKey hostKey,
    Path privateKey,
    Optional<SecretSource> passphrase,
    Optional<Path> certificate,
    Duration stallTimeout) {

  static SftpSite in(Sshd sshd, Path folder) {
    return new SftpSite(
        sshd.port(),
        folder,
        new HostKey.Pinned(sshd.hostKey()),
        sshd.privateKey(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(10));
  }

  SftpSite through(TcpProxy proxy) {
    return new SftpSite(
        proxy.port(), folder, hostKey, privateKey, passphrase, certificate, Duration.ofSeconds(2));
  }

  SftpSite known(HostKey other) {
    return new SftpSite(port, folder, other, privateKey, passphrase, certificate, stallTimeout);
  }

  SftpSite login(Path key) {
    return new SftpSite(port, folder, hostKey, key, passphrase, certificate, stallTimeout);
  }

  SftpSite passphrase(Path file) {
    return new SftpSite(
        port,
        folder,
        hostKey,
        privateKey,
        Optional.of(new SecretSource.FromFile(file)),
        certificate,
        stallTimeout);
  }

  SftpSite certificate(Path file) {
    return new SftpSite(
        port, folder, hostKey, privateKey, passphrase, Optional.of(file), stallTimeout);
  }

  SftpSite within(Path other) {
    return new SftpSite(port, other, hostKey, privateKey, passphrase, certificate, stallTimeout);
  }

  Store open() {
    return SftpStore.open(
        "far",
        new SftpConfig(
            new SshLogin(
                "127.0.0.1",
                port,
                Sshd.user(),
                hostKey,
                privateKey,
                passphrase,
                certificate,
                Duration.ofSeconds(5),
                stallTimeout),
            folder.toString()),
        InstantSource.system());
  }
}
