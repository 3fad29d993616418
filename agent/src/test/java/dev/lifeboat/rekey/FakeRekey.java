package dev.lifeboat.rekey;

import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.Share.Kind;
import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.FakeVault.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A fake: an active node, alone on raft, that counts shares of a rekey as OpenBao or Vault does
/// (it splits no key), so that answers can be lost and others can come between at an exact moment.
/// What real servers do is proven in `lab`.
public final class FakeRekey implements AutoCloseable {
  private static final int SHARES = 4;
  private static final int THRESHOLD = 3;

  private final FakeVault vault = FakeVault.open();
  private final boolean openbao;
  private final String path;
  private List<String> current;
  private List<String> made = List.of();
  private final List<String> given = new ArrayList<>();
  private final List<String> verified = new ArrayList<>();
  private boolean started;
  private int nonces;
  private int term = 1;
  private int generation;

  /// What can be made to be otherwise.
  public boolean verifying = true;

  public boolean sealed;
  public String version = "2.7.2";
  public String rights = "\"sudo\",\"update\"";
  public int voters = 1;
  public long behind;
  public Runnable beforeUpdate = () -> {};
  public Runnable beforeVerify = () -> {};
  public boolean loseVerification;

  public FakeRekey(boolean openbao) {
    this.openbao = openbao;
    this.path = openbao ? "sys/rotate/root" : "sys/rekey";
    this.current = shares(0, SHARES);
    vault.active();
    vault.script("sys/seal-status", _ -> status());
    vault.script("sys/storage/raft/configuration", _ -> configuration());
    vault.script("sys/storage/raft/autopilot/state", _ -> autopilot());
    vault.script(
        "sys/key-status", _ -> Reply.json(200, "{\"data\":{\"term\":%d}}".formatted(term)));
    vault.script(
        "sys/capabilities-self",
        _ -> Reply.json(200, "{\"data\":{\"sys/rotate\":[%s]}}".formatted(rights)));
    vault.script("sys/rotate", _ -> rotate());
    vault.script("sys/unseal", this::unseal);
    vault.script(path + "/init", this::init);
    vault.script(path + "/update", this::update);
    vault.script(path + "/verify", this::verify);
    vault.on("auth/token/lookup-self", Reply.lookup(0, false));
    if (!openbao) {
      vault.on("sys/rotate/root/init", Reply.json(404, "{\"errors\":[\"unsupported path\"]}"));
    }
  }

  public FakeVault vault() {
    return vault;
  }

  /// Those that open it now.
  public synchronized List<Share> current() {
    return current.stream().map(FakeRekey::share).toList();
  }

  /// The same as a file of shares has them.
  public synchronized String text() {
    return String.join("\n", current) + "\n";
  }

  static Share share(String base64) {
    return Share.parse(base64, "a share", Kind.UNNAMED).orElseThrow();
  }

  static List<String> shares(int generation, int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(
            number -> {
              byte[] bytes = new byte[33];
              Arrays.fill(bytes, (byte) (generation + 200));
              bytes[32] = (byte) number;
              return Base64.getEncoder().encodeToString(bytes);
            })
        .toList();
  }

  /// As a change of leader does.
  public synchronized void drop() {
    started = false;
    made = List.of();
    given.clear();
    verified.clear();
  }

  /// As if somebody else began one.
  public synchronized String begin() {
    drop();
    started = true;
    nonces++;
    return nonce();
  }

  /// As if somebody else gave one.
  public synchronized void give(String share) {
    given.add(share);
  }

  /// As if the rest of the new shares came from somebody else.
  public synchronized void complete() {
    current = made;
    drop();
  }

  /// As if a rekey of which nobody here knows had been completed.
  public synchronized void replace() {
    generation++;
    current = shares(generation, SHARES);
    drop();
  }

  public synchronized boolean started() {
    return started;
  }

  public synchronized int term() {
    return term;
  }

  private String nonce() {
    return "n" + nonces;
  }

  private Reply data(String json) {
    return Reply.json(200, openbao ? "{\"data\":" + json + "}" : json);
  }

  private static Reply refused(int status, String error) {
    return Reply.json(status, "{\"errors\":[\"" + error + "\"]}");
  }

  private static JsonNode body(Request request) {
    return request.body().isEmpty()
        ? JsonMapper.shared().createObjectNode()
        : JsonMapper.shared().readTree(request.body());
  }

  private static String base64(JsonNode body) {
    byte[] bytes = HexFormat.of().parseHex(body.path("key").asString(""));
    return Base64.getEncoder().encodeToString(bytes);
  }

  private synchronized Reply init(Request request) {
    switch (request.method()) {
      case "GET" -> {}
      case "DELETE" -> {
        if (!openbao && !body(request).path("nonce").asString("").equals(nonce())) {
          return refused(400, "invalid request");
        }
        drop();
        return Reply.json(204, "");
      }
      default -> {
        if (started) {
          return refused(400, "rekey already in progress");
        }
        String _ = begin();
      }
    }
    String verification = made.isEmpty() ? "" : "v" + nonces;
    return data(
        """
        {"started":%b,"nonce":"%s","n":%d,"t":%d,"progress":%d,"required":%d,\
        "verification_required":%b,"verification_nonce":"%s"}\
        """
            .formatted(
                started,
                started ? nonce() : "",
                started ? SHARES : 0,
                started ? THRESHOLD : 0,
                given.size(),
                THRESHOLD,
                started && verifying,
                verification));
  }

  private Reply update(Request request) {
    beforeUpdate.run();
    return counted(request);
  }

  private synchronized Reply counted(Request request) {
    if (!started || !body(request).path("nonce").asString("").equals(nonce())) {
      return refused(400, "no rekey in progress");
    }
    given.add(base64(body(request)));
    if (given.size() < THRESHOLD) {
      return data("{\"progress\":%d,\"nonce\":\"%s\"}".formatted(given.size(), nonce()));
    }
    boolean fits = current.containsAll(given);
    given.clear();
    if (!fits) {
      return refused(openbao ? 400 : 500, "cipher: message authentication failed");
    }
    generation++;
    made = shares(generation, SHARES);
    return data(
        "{\"complete\":true,\"keys_base64\":[%s],\"verification_nonce\":\"v%d\"}"
            .formatted(
                made.stream().map(key -> "\"" + key + "\"").collect(Collectors.joining(",")),
                nonces));
  }

  private Reply verify(Request request) {
    if (request.method().equals("GET") || request.method().equals("DELETE")) {
      return verification(request.method().equals("DELETE"));
    }
    beforeVerify.run();
    return verifiedBy(request);
  }

  private synchronized Reply verification(boolean restart) {
    if (made.isEmpty()) {
      return refused(400, "no rekey configuration found");
    }
    if (restart) {
      verified.clear();
    }
    return data("{\"nonce\":\"v%d\",\"progress\":%d}".formatted(nonces, verified.size()));
  }

  private synchronized Reply verifiedBy(Request request) {
    if (made.isEmpty()) {
      return refused(400, "no rekey in progress");
    }
    verified.add(base64(body(request)));
    if (verified.size() < THRESHOLD) {
      return data("{\"nonce\":\"v%d\",\"progress\":%d}".formatted(nonces, verified.size()));
    }
    boolean fits = made.containsAll(verified);
    verified.clear();
    if (!fits) {
      return refused(400, "rekey verification failed; incorrect key shares supplied");
    }
    complete();
    if (loseVerification) {
      loseVerification = false;
      return refused(503, "no answer");
    }
    return data("{\"complete\":true}");
  }

  private synchronized Reply rotate() {
    term++;
    return Reply.json(204, "");
  }

  private synchronized Reply unseal(Request request) {
    JsonNode body = body(request);
    if (body.path("reset").asBoolean(false)) {
      given.clear();
      return status();
    }
    given.add(base64(body));
    if (given.size() == THRESHOLD) {
      boolean fits = current.containsAll(given);
      given.clear();
      if (!fits) {
        return refused(400, "Unseal failed, invalid key");
      }
      sealed = false;
    }
    return status();
  }

  private synchronized Reply status() {
    return Reply.json(
        200,
        """
        {"type":"shamir","initialized":true,"sealed":%b,"t":%d,"n":%d,"progress":%d,"nonce":"u",\
        "version":"%s","migration":false,"recovery_seal":false,"storage_type":"raft",\
        "cluster_id":"c1","%s":"2026-01-01"}\
        """
            .formatted(
                sealed,
                THRESHOLD,
                SHARES,
                sealed ? given.size() : 0,
                openbao ? version : "1.21.0",
                openbao ? "commit_date" : "build_date"));
  }

  private Reply configuration() {
    String servers =
        IntStream.rangeClosed(1, voters)
            .mapToObj(
                number ->
                    "{\"node_id\":\"n%d\",\"address\":\"a:1\",\"leader\":%b,\"voter\":true}"
                        .formatted(number, number == 1))
            .collect(Collectors.joining(","));
    return Reply.json(
        200, "{\"data\":{\"config\":{\"index\":0,\"servers\":[%s]}}}".formatted(servers));
  }

  private Reply autopilot() {
    Supplier<String> follower =
        () ->
            """
            ,"n2":{"id":"n2","name":"n2","address":"a:1","node_status":"alive","last_contact":"1s",
            "last_term":3,"last_index":%d,"healthy":true,"status":"voter"}\
            """
                .formatted(10_000 - behind);
    return Reply.json(
        200,
        """
        {"data":{"failure_tolerance":0,"healthy":true,"leader":"n1","voters":["n1"],
        "servers":{"n1":{"id":"n1","name":"n1","address":"a:1","node_status":"alive",
        "last_contact":"0s","last_term":3,"last_index":10000,"healthy":true,"status":"leader"}%s}}}\
        """
            .formatted(behind > 0 ? follower.get() : ""));
  }

  @Override
  public void close() {
    vault.close();
  }
}
