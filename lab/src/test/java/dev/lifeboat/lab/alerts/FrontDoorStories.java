package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.door;

import java.util.List;

/// What the rules of `haproxy.yaml` are for.
final class FrontDoorStories {
  private static final String SERVERS = "haproxy_backend_active_servers";
  private static final String DOWNS = "haproxy_server_check_up_down_total";

  private FrontDoorStories() {}

  static List<Story> all() {
    return List.of(
        Story.ofMinutes("HAProxy knows of no active node", 30)
            .change(door(SERVERS, "proxy", "vault_active"), "1", "10m", "0")
            .first("11m", "VaultFrontDoorDown")
            .at("29m", "VaultFrontDoorDown"),
        Story.ofMinutes("HAProxy finds every node sealed", 30)
            .change(door(SERVERS, "proxy", "vault_active"), "1", "10m", "0")
            .change(door(SERVERS, "proxy", "vault_unsealed"), "3", "10m", "0")
            .first("11m", "VaultFrontDoorDown"),
        Story.ofMinutes("HAProxy waits for an election of 45 seconds", 40)
            .values(door(SERVERS, "proxy", "vault_active"), "1x39 0x2 1x117")
            .change(door(DOWNS, "proxy", "vault_active", "server", "a"), "0", "10m", "1")
            .at("10m30s")
            .at("11m")
            .at("39m"),
        Story.ofMinutes("HAProxy does not answer", 30)
            .goes("haproxy_", "10m")
            .change(door("up"), "1", "10m", "0")
            .first("12m", "VaultFrontDoorUnreachable")
            .at("29m", "VaultFrontDoorUnreachable"),
        Story.ofMinutes("no HAProxy is scraped any more", 30)
            .goes("job=\"haproxy\"", "10m")
            .first("15m", "VaultFrontDoorUnwatched"),
        // The first of the three leaves the window of a quarter of an hour at 25m.
        Story.ofMinutes("HAProxy marks a node down three times in a quarter of an hour", 40)
            .values(unsealed("b"), "0x39 1x27 2x27 3x63")
            .first("24m", "VaultFrontDoorFlapping")
            .at("24m45s", "VaultFrontDoorFlapping")
            .at("25m15s"),
        Story.ofMinutes("a node is restarted twice, and then the others once", 40)
            .values(unsealed("b"), "0x39 1x11 2x107")
            .values(unsealed("c"), "0x59 1x99")
            .values(unsealed("a"), "0x67 1x91")
            .at("18m")
            .at("24m"),
        Story.ofMinutes("HAProxy is reloaded and counts anew", 40)
            .values(door(DOWNS, "proxy", "vault_active", "server", "b"), "1x39 0x0 1x118")
            .values(door(DOWNS, "proxy", "vault_active", "server", "c"), "1x39 0x0 1x118")
            .at("12m")
            .at("24m"));
  }

  private static String unsealed(String node) {
    return door(DOWNS, "proxy", "vault_unsealed", "server", node);
  }
}
