package dev.lifeboat.restore;

import dev.lifeboat.config.Section;
import dev.lifeboat.route53.RecordSet;
import dev.lifeboat.route53.Zone;
import dev.lifeboat.store.AwsSyntax;
import dev.lifeboat.store.CredentialsSyntax;
import dev.lifeboat.store.s3.Login;
import dev.lifeboat.vault.VaultConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The regions that the cluster can live in, and the name by which clients find the one it lives
/// in.
///
/// @param all in the order of their lines
/// @param name empty when somebody else switches it
/// @param publicAddress through which clients come; empty: what they see is not looked at
public record RegionsConfig(
    List<Region> all, Optional<PublicName> name, Optional<URI> publicAddress) {
  /// A cluster that lives in one place.
  public static final RegionsConfig NONE =
      new RegionsConfig(List.of(), Optional.empty(), Optional.empty());

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Duration SHORTEST_TTL = Duration.ofSeconds(1);
  private static final Duration LONGEST_TTL = Duration.ofDays(1);

  /// Route 53 has one place for all of AWS.
  private static final String GLOBAL = "aws-global";

  public RegionsConfig {
    all = List.copyOf(all);
  }

  /// One of them.
  ///
  /// @param awsRegion that is lost with it, such as `us-west-2`; empty outside of AWS
  /// @param stores by their names: those that are there when every other region is not
  /// @param answers what the public name answers when the cluster lives here
  /// @param alias the same, by a name of AWS
  /// @param nodes the first takes the backup
  public record Region(
      String name,
      Optional<String> awsRegion,
      List<String> stores,
      List<String> answers,
      Optional<RecordSet.Alias> alias,
      List<NodeConfig> nodes) {
    public Region {
      stores = List.copyOf(stores);
      answers = List.copyOf(answers);
      nodes = List.copyOf(nodes);
    }

    boolean isAnswered() {
      return !answers.isEmpty() || alias.isPresent();
    }

    /// Of the record that answers so; that of an alias is `A`.
    private String type() {
      return RegionsConfig.type(answers);
    }
  }

  private static String type(List<String> answers) {
    if (answers.stream().allMatch(text -> IPV4.matcher(text).matches())) {
      return "A";
    }
    return answers.stream().allMatch(text -> text.contains(":")) ? "AAAA" : "CNAME";
  }

  /// A record of Route 53.
  ///
  /// @param type `A`, `AAAA` or `CNAME`, as what the regions answer wants it
  /// @param ttl how long resolvers keep it: that long some clients still go to the old region
  public record PublicName(Zone zone, String name, String type, Duration ttl) {
    /// What it answers now; empty when there is none.
    public Optional<RecordSet> read() throws InterruptedException {
      return zone.read(name, type);
    }

    void write(RecordSet answer, Duration bound) throws InterruptedException {
      zone.write(answer, bound);
    }

    RecordSet leadingTo(Region region) {
      return new RecordSet(
          name,
          type,
          region.answers(),
          region.alias().isPresent() ? Optional.empty() : Optional.of(ttl),
          region.alias());
    }

    /// `A vault.example.org`
    public String words() {
      return type + " " + name;
    }
  }

  static RegionsConfig from(Section restore) {
    List<Region> regions = new ArrayList<>();
    Section blocks = restore.section("regions");
    for (String name : blocks.names("")) {
      if (!NAME.matcher(name).matches()) {
        blocks.problem(
            name,
            "'%s' is no name for a region".formatted(name),
            "1 to 32 lower-case letters, digits and dashes");
      }
      regions.add(region(name, blocks.section(name)));
    }
    refuseShared(regions, blocks);
    Optional<PublicName> record =
        restore.has("record")
            ? Optional.of(name(restore.section("record"), type(regions, blocks)))
            : Optional.empty();
    Optional<URI> address = Optional.empty();
    if (restore.has("public-address")) {
      address = Optional.of(restore.address("public-address"));
      VaultConfig.refusePlain(restore, "public-address", address.get());
    }
    return new RegionsConfig(regions, record, address);
  }

  private static Region region(String name, Section block) {
    List<String> answers = block.has("answers") ? block.texts("answers") : List.of();
    Optional<RecordSet.Alias> alias = Optional.empty();
    if (block.has("alias")) {
      Section to = block.section("alias");
      alias = Optional.of(new RecordSet.Alias(to.text("zone"), to.text("name")));
      if (!answers.isEmpty()) {
        block.problem("answers", "has no effect beside alias", "remove one of the two");
      }
    }
    if (answers.size() > 1 && type(answers).equals("CNAME")) {
      block.problem(
          "answers",
          "are neither all IPv4, nor all IPv6, nor one other name",
          "a name is answered by addresses of one kind, or by one other name");
    }
    return new Region(
        name,
        block.optionalText("aws-region"),
        block.has("stores") ? block.texts("stores") : List.of(),
        answers,
        alias,
        NodeConfig.all(block.section("nodes"), false));
  }

  /// What brings one region back would stop it again as a node of another one.
  private static void refuseShared(List<Region> regions, Section blocks) {
    Map<String, String> homes = new HashMap<>();
    for (Region region : regions) {
      for (NodeConfig node : region.nodes()) {
        String home = homes.putIfAbsent(node.apiAuthority(), region.name());
        if (home != null && !home.equals(region.name())) {
          blocks
              .section(region.name())
              .section("nodes")
              .section(node.id())
              .problem(
                  "address",
                  "a node of region %s has this address as well".formatted(home),
                  "a node is in one region");
        }
      }
    }
  }

  /// One for all: where there is a CNAME, there can be no other record of the same name.
  private static String type(List<Region> regions, Section blocks) {
    List<String> types =
        regions.stream().filter(Region::isAnswered).map(Region::type).distinct().toList();
    if (types.size() > 1) {
      blocks.problem(
          "answers",
          "the regions answer with records of types %s".formatted(String.join(" and ", types)),
          "a name has either addresses (IPv4 or IPv6) or one other name, in every region alike");
    }
    return types.isEmpty() ? "A" : types.getFirst();
  }

  private static PublicName name(Section block, String type) {
    String name = block.text("name");
    Login login =
        new Login(
            "restore.record",
            AwsSyntax.region(block).or(() -> Optional.of(GLOBAL)),
            AwsSyntax.endpoint(
                block,
                false,
                "use https://: who can change what is sent leads your clients astray"),
            block.optionalPath("ca-file"));
    return new PublicName(
        new Zone(login, CredentialsSyntax.read(block), block.text("zone")),
        name.toLowerCase(Locale.ROOT).replaceAll("\\.$", ""),
        type,
        block.has("ttl")
            ? block.duration("ttl", SHORTEST_TTL, LONGEST_TTL)
            : Duration.ofMinutes(1));
  }

  /// One of them by its name.
  public Region region(String name) {
    return all.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                RestoreException.refused(
                    "restore.regions has no region '%s'\nhint: %s"
                        .formatted(
                            name,
                            all.isEmpty()
                                ? "add a block for each region; see docs/restore.md"
                                : "there is "
                                    + String.join(", ", all.stream().map(Region::name).toList()))));
  }

  /// Without some of the nodes of one, each of which must be there.
  RegionsConfig without(String name, List<String> nodes) {
    Region region = region(name);
    nodes.forEach(
        node -> {
          if (region.nodes().stream().noneMatch(each -> each.id().equals(node))) {
            throw RestoreException.refused(
                "restore.regions.%s has no node '%s'\nhint: there is %s"
                    .formatted(
                        name,
                        node,
                        String.join(", ", region.nodes().stream().map(NodeConfig::id).toList())));
          }
        });
    Region smaller =
        new Region(
            name,
            region.awsRegion(),
            region.stores(),
            region.answers(),
            region.alias(),
            region.nodes().stream().filter(each -> !nodes.contains(each.id())).toList());
    return new RegionsConfig(
        all.stream().map(each -> each.equals(region) ? smaller : each).toList(),
        this.name,
        publicAddress);
  }

  List<Region> others(Region region) {
    return all.stream().filter(each -> !each.name().equals(region.name())).toList();
  }
}
