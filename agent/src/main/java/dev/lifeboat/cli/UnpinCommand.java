package dev.lifeboat.cli;

import dev.lifeboat.daemon.PinDesk;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `lifeboat unpin`: takes every pin of a backup away.
@Command(
    name = "unpin",
    header = "Let the retention decide about a backup again.",
    description = "Takes every pin of it away, in every store, also one that is not trusted.")
final class UnpinCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Parameters(paramLabel = "ID", description = "The id of a backup, or its beginning.")
  private String id = "";

  @Override
  public Exit run(Surroundings surroundings) {
    return PinCommand.fulfil(
        config,
        id,
        surroundings,
        (_, whole) -> new PinDesk.Wish.Release(whole),
        "no longer pinned");
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION, Exit.STORE_FAILED, Exit.NOT_FOUND, Exit.VERIFICATION_FAILED);
  }
}
