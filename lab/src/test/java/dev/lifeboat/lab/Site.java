package dev.lifeboat.lab;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.sandbox.LeashedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// What an administrator sets up beside one node, as `docs/backup.md` says, in a folder: keys, the
/// configuration, a spool and a store; and the command line run with it.
final class Site {
  private static final Duration START = Duration.ofSeconds(20);

  private static final Pattern LISTENS = Pattern.compile("event=started .*http=(\\S+)");

  private final Path folder;
  private final Path shared;
  private Instant nextBackup = Instant.EPOCH;

  private Site(Path folder, Path shared) {
    this.folder = folder;
    this.shared = shared;
  }

  /// One beside each node. They share the recipient, the trusted signers and the store.
  static List<Site> besideEach(Cluster cluster, Path folder) {
    var shared = Folders.create(folder.resolve("shared"));
    Program.here(
            Milestones.NONE, "keys", "generate", "--recipient", "escrow", "-o", shared.toString())
        .expect(Exit.OK);
    var sites = new ArrayList<Site>();
    for (var node : cluster.nodes()) {
      var site = new Site(Folders.create(folder.resolve(node.name())), shared);
      Program.here(
              Milestones.NONE,
              "keys",
              "generate",
              "--signer",
              node.name(),
              "-o",
              site.folder.toString())
          .expect(Exit.OK);
      append(shared.resolve("trusted-signers"), text(site.folder.resolve(node.name() + ".signer")));
      site.write(cluster, node);
      sites.add(site);
    }
    return sites;
  }

  /// Of a cluster of one node.
  static Site beside(Cluster cluster, Path folder) {
    return besideEach(cluster, folder).getFirst();
  }

  private void write(Cluster cluster, ClusterNode node) {
    var credentials = Folders.create(folder.resolve("credentials"));
    append(
        config(),
        """
        vault {
          address = "%s"
          peers = [%s]
          auth %s
        }
        http.port = 0
        backup {
          node = "%s"
          auth %s
          schedules.daily.cron = null
          spool = "%s"
          recipients-file = "%s"
          signing-key-file = "%s"
          trusted-signers-file = "%s"
          canary { path = "%s", transit-key = "%s" }
          kit.enabled = false
        }
        stores.local { type = local, path = "%s" }
        control.socket = "%s"
        """
            .formatted(
                node.address(),
                cluster.nodes().stream()
                    .filter(peer -> peer != node)
                    .map(peer -> "\"" + peer.address() + "\"")
                    .collect(Collectors.joining(", ")),
                login(Provisioning.credentials(cluster.root(), Role.WATCH, credentials)),
                node.name(),
                login(Provisioning.credentials(cluster.root(), Role.BACKUP, credentials)),
                spool(),
                shared.resolve("escrow.recipient"),
                folder.resolve(node.name() + ".signing-key"),
                shared.resolve("trusted-signers"),
                Provisioning.CANARY_PATH,
                Provisioning.CANARY_TRANSIT_KEY,
                store(),
                socket()));
  }

  private static String login(Provisioning.Credentials credentials) {
    return """
    {
        method = approle
        approle { role-id { file = "%s" }, secret-id { file = "%s" } }
      }"""
        .formatted(credentials.roleIdFile(), credentials.secretIdFile());
  }

  /// Adds a line to the configuration; of two for one key the later one counts.
  Site configure(String line) {
    append(config(), line + "\n");
    return this;
  }

  /// With a login for `lifeboat rekey`, and its records in this site.
  Site withRekey(Cluster cluster) {
    var credentials =
        Provisioning.credentials(cluster.root(), Role.REKEY, folder.resolve("credentials"));
    var login =
        Map.of(
            "role_id",
            text(credentials.roleIdFile()).strip(),
            "secret_id",
            text(credentials.secretIdFile()).strip());
    // A standby of OpenBao logs in by its own copy of the data, which has it a moment later.
    cluster
        .nodes()
        .forEach(
            node ->
                Await.until(
                    node.name() + " to know the login",
                    START,
                    () -> node.api().post("auth/approle/login", login).good()));
    return configure("rekey.auth " + login(credentials))
        .configure("rekey.folder = \"%s\"".formatted(rekeys()));
  }

  Path rekeys() {
    return folder.resolve("rekey");
  }

  Path config() {
    return folder.resolve("lifeboat.conf");
  }

  Path spool() {
    return folder.resolve("spool");
  }

  Path store() {
    return shared.resolve("store");
  }

  Path socket() {
    return folder.resolve("control.sock");
  }

  Path identity() {
    return shared.resolve("escrow.identity");
  }

  Path recipients() {
    return shared.resolve("escrow.recipient");
  }

  Path trustedSigners() {
    return shared.resolve("trusted-signers");
  }

  Path log() {
    return folder.resolve("log.txt");
  }

  String logText() {
    return Files.exists(log()) ? text(log()) : "";
  }

  /// A command of this site, in this JVM.
  Run run(String... command) {
    return run(Milestones.NONE, command);
  }

  Run run(Milestones milestones, String... command) {
    return Program.here(milestones, withConfig(command));
  }

  /// A command of this site in a process of its own.
  Run process(String... command) {
    return Program.process(folder, withConfig(command));
  }

  /// The same with further variables of the environment.
  Run process(Map<String, String> environment, String... command) {
    return Program.process(folder, environment, withConfig(command));
  }

  /// The agent as a process; returns when it listens on its control socket.
  LeashedProcess startAgent() {
    var process = Program.start(log(), withConfig("agent"));
    Await.until("the agent", START, () -> Files.exists(socket()) || !process.alive());
    if (!process.alive()) {
      throw new LabException("the agent ended: " + logText());
    }
    return process;
  }

  /// The metrics of the agent that was started last; none before it says where it serves them.
  Scrape scrape() {
    var at = "";
    for (Matcher listens = LISTENS.matcher(logText()); listens.find(); ) {
      at = listens.group(1);
    }
    if (at.isEmpty()) {
      return new Scrape("");
    }
    try (var http = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(at + "/metrics")).build();
      return new Scrape(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  /// Takes a backup that must succeed, in a second of its own: ids of one second have no order.
  ///
  /// @return its id
  String backup() {
    Await.until(
        "the next second",
        Duration.ofSeconds(2),
        () -> InstantSource.system().instant().isAfter(nextBackup));
    String id = run("backup", "--json").expect(Exit.OK).json().path("id").stringValue();
    nextBackup = InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    return id;
  }

  /// The ids that the store lists, all of them trusted; the oldest first.
  List<String> listed() {
    var ids = new TreeSet<String>();
    for (JsonNode entry : run("list", "--json").expect(Exit.OK).json()) {
      ids.add(entry.path("id").stringValue());
    }
    return List.copyOf(ids);
  }

  /// Reads back and decrypts everything in the store, which must be good.
  void verifyAll() {
    run("verify", "--all", "--no-record", "--identity", identity().toString()).expect(Exit.OK);
  }

  /// Every file in the store by the id of its backup; a name of any other shape is its own key.
  Map<String, List<String>> objects() {
    var objects = new HashMap<String, List<String>>();
    for (String name : files(store())) {
      objects
          .computeIfAbsent(backupOf(name), id -> new ArrayList<>())
          .add(name.substring(name.indexOf('.') + 1));
    }
    return objects;
  }

  /// The manifest of a slot says the id, every other object is named after it.
  private String backupOf(String object) {
    var id = Pattern.compile("\"id\" : \"(\\d{8}T\\d{6}Z-[0-9a-f]{8})\"");
    if (object.matches("[a-z].*Z\\.manifest")) {
      var found = id.matcher(text(store().resolve(object)));
      return found.find() ? found.group(1) : object;
    }
    return object.split("\\.", 2)[0];
  }

  /// What lies in the spool but for the lock and what is known of the stores, which stay.
  List<String> spooled() {
    return files(spool()).stream().filter(name -> !name.startsWith(".")).toList();
  }

  static List<String> files(Path folder) {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (var entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String[] withConfig(String... command) {
    var all = new ArrayList<>(Arrays.asList(command));
    all.add("--config");
    all.add(config().toString());
    return all.toArray(String[]::new);
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void append(Path file, String text) {
    try {
      Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
