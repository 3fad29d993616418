package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.notify.Delivery;
import dev.lifeboat.notify.Event;
import dev.lifeboat.notify.Notifier;
import dev.lifeboat.notify.NotifyConfig;
import dev.lifeboat.status.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `lifeboat notify test`: does everybody hear us?
@Command(
    name = "test",
    header = "Send a test event to every target.",
    description = {
      "Sends an event of the kind 'test' to each target of the notify block, also to those that",
      "want others only, and says what came of it. By this process and as this user: what the",
      "agent's unit may not run or reach is not found out here."
    })
final class NotifyTestCommand implements Verb {
  private static final Duration RETRY = Duration.ofSeconds(2);

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print a JSON array, one object a target.")
  private boolean json;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    LifeboatConfig read = config.read(surroundings);
    BackupConfig backup = config.backup(read, surroundings);
    if (read.notifyTargets().isEmpty()) {
      throw new CommandException(
          Exit.CONFIGURATION,
          "%s has no target in its notify block, so nobody is told\nhint: see %s"
              .formatted(config.file(surroundings), "docs/notify.md"));
    }
    Event event = Event.test(UUID.randomUUID(), surroundings.clock().instant(), backup.node());
    List<ObjectNode> rows = new ArrayList<>();
    Exit exit = Exit.OK;
    for (NotifyConfig target : read.notifyTargets()) {
      Delivery delivery = Notifier.deliver(target, event, surroundings.environment(), RETRY);
      if (!delivery.good()) {
        exit = Exit.NOTIFY_FAILED;
      }
      rows.add(row(target, delivery));
      if (!json) {
        surroundings.out().println(Printable.of(line(target, delivery)));
      }
    }
    if (json) {
      surroundings.out().print(Json.text(rows));
    }
    return exit;
  }

  private static String line(NotifyConfig target, Delivery delivery) {
    String words = delivery.words().isEmpty() ? "" : ": " + delivery.words();
    return "%-16s %s in %s%s"
        .formatted(
            target.name(),
            delivery.trouble().map(trouble -> "NOT TOLD, " + trouble.label()).orElse("told"),
            Words.took(delivery.took()),
            words);
  }

  private static ObjectNode row(NotifyConfig target, Delivery delivery) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("target", target.name())
        .put("told", delivery.good())
        .put("reason", delivery.trouble().map(Delivery.Trouble::label).orElse(null))
        .put("words", delivery.words())
        .put("took_ms", delivery.took().toMillis());
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION, Exit.NOTIFY_FAILED);
  }
}
