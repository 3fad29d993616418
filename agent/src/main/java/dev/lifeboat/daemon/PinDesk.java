package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Pin;
import dev.lifeboat.backup.Pins;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Pins backups and takes pins away, in every store that holds them: by the agent, whose key signs
/// the pin, or where none runs by this process, when it may read that key.
public final class PinDesk {
  private final BackupConfig config;
  private final List<Store> stores;
  private final InstantSource clock;

  public PinDesk(BackupConfig config, List<Store> stores, InstantSource clock) {
    this.config = config;
    this.stores = List.copyOf(stores);
    this.clock = clock;
  }

  /// What is to be done with one backup.
  public sealed interface Wish {
    /// The whole id.
    String backup();

    /// @param until empty: until it is taken away; @param by who wants it
    record Keep(String backup, Optional<Instant> until, String by) implements Wish {}

    record Release(String backup) implements Wish {}
  }

  /// Asks the agent; does it here when none runs.
  ///
  /// @return the names of the stores in which it was done
  public List<String> ask(Path socket, Wish wish) {
    try {
      return switch (ControlClient.ask(socket, request(wish), Progress.NONE)) {
        case ControlClient.Reply.Done(JsonNode value) -> {
          List<String> done = new ArrayList<>();
          value.path("stores").forEach(store -> done.add(store.asString("")));
          yield done;
        }
        case ControlClient.Reply.Failed(String reason, String message, String hint) ->
            throw ExpireClient.failed(reason, message, hint);
      };
    } catch (ControlException e) {
      if (e.reason() != ControlException.Reason.NOT_RUNNING) {
        throw e;
      }
      return fulfil(wish);
    }
  }

  /// In every store that holds the backup. The others are tried when one fails; then that failure
  /// is thrown.
  List<String> fulfil(Wish wish) {
    Consumer<Store> step =
        switch (wish) {
          case Wish.Keep(String backup, Optional<Instant> until, String by) -> {
            SigningKey signing = SigningKey.read(config.signingKeyFile());
            Pin pin = new Pin(backup, clock.instant(), until, by);
            yield store -> Pins.pin(store, pin, signing);
          }
          case Wish.Release(String backup) -> store -> Pins.unpin(store, backup);
        };
    List<String> done = new ArrayList<>();
    Optional<StoreException> failure = Optional.empty();
    for (Store store : holding(wish.backup())) {
      try {
        step.accept(store);
        done.add(store.name());
      } catch (StoreException e) {
        failure = failure.or(() -> Optional.of(e));
      }
    }
    failure.ifPresent(
        e -> {
          throw e;
        });
    return done;
  }

  private List<Store> holding(String backup) {
    TrustedSigners signers = TrustedSigners.read(config.trustedSignersFile());
    List<String> names =
        new Catalogue(stores, signers, clock)
            .find(backup)
            .map(Catalogue.Entry::stores)
            .orElseThrow(
                () ->
                    new StoreException(
                        StoreException.Reason.NOT_FOUND, "there is no backup " + backup));
    return stores.stream().filter(store -> names.contains(store.name())).toList();
  }

  private static ObjectNode request(Wish wish) {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    switch (wish) {
      case Wish.Keep(String backup, Optional<Instant> until, String by) -> {
        request.put("command", "pin").put("backup", backup).put("by", by);
        until.ifPresent(end -> request.put("until", end.toString()));
      }
      case Wish.Release(String backup) -> request.put("command", "unpin").put("backup", backup);
    }
    return request;
  }

  /// The other end of [#ask].
  ControlSocket.Answer answer(JsonNode request) {
    try {
      String backup = request.path("backup").asString("");
      Wish wish =
          request.path("command").asString("").equals("unpin")
              ? new Wish.Release(backup)
              : new Wish.Keep(
                  backup,
                  request.has("until")
                      ? Optional.of(Instant.parse(request.path("until").asString("")))
                      : Optional.empty(),
                  request.path("by").asString("unknown"));
      ObjectNode answer = JsonNodeFactory.instance.objectNode();
      var done = answer.putArray("stores");
      fulfil(wish).forEach(done::add);
      return new ControlSocket.Answer.Done(answer);
    } catch (StoreException e) {
      return new ControlSocket.Answer.Failed(
          e.reason().label(), String.valueOf(e.getMessage()), "");
    } catch (KeyException e) {
      return new ControlSocket.Answer.Failed("keys", String.valueOf(e.getMessage()), "");
    } catch (DateTimeException e) {
      return new ControlSocket.Answer.Failed("bad_request", "'until' is not an instant", "");
    }
  }
}
