package dev.lifeboat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BasicAuthTest {
  private static final String HASH =
      BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(8, "sesame: öffne dich".toCharArray());
  private static final String GOOD = header("prometheus", "sesame: öffne dich");

  @Test
  void only_so_many_are_remembered_and_the_oldest_is_checked_anew() {
    String cheap = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "sesame".toCharArray());
    Map<String, String> users =
        IntStream.range(0, 65).boxed().collect(Collectors.toMap(i -> "user-" + i, i -> cheap));
    var auth = new BasicAuth(users);
    for (int i = 0; i < 65; i++) {
      assertTrue(auth.verify(header("user-" + i, "sesame")));
    }

    assertFalse(auth.known(header("user-0", "sesame")));
    assertTrue(auth.known(header("user-1", "sesame")));
    assertTrue(auth.verify(header("user-0", "sesame")));
  }

  @Test
  void pages_need_a_user_and_the_process_probe_does_not() throws Exception {
    HttpConfig config =
        new HttpConfig("127.0.0.1", 0, Optional.empty(), Map.of("prometheus", HASH));
    try (HttpEndpoint endpoint = Endpoints.open(config)) {
      HttpResponse<String> nobody = Endpoints.get(endpoint, "/metrics");

      assertEquals(401, nobody.statusCode());
      assertEquals(
          Optional.of("Basic realm=\"lifeboat\", charset=\"UTF-8\""),
          nobody.headers().firstValue("www-authenticate"));
      assertEquals(401, Endpoints.get(endpoint, "/nowhere").statusCode());
      assertEquals(401, Endpoints.get(endpoint, "/readyz").statusCode());
      assertEquals(200, Endpoints.get(endpoint, "/livez").statusCode());
      assertEquals(
          401,
          Endpoints.get(endpoint, "/metrics", "authorization", header("prometheus", "wrong"))
              .statusCode());
      for (int i = 0; i < 3; i++) {
        assertEquals(200, Endpoints.get(endpoint, "/metrics", "authorization", GOOD).statusCode());
      }
    }
  }

  @Test
  void what_was_right_once_is_known_and_what_was_wrong_is_not() {
    BasicAuth auth = new BasicAuth(Map.of("prometheus", HASH));
    String wrong = header("prometheus", "wrong");

    assertFalse(auth.known(GOOD));
    assertTrue(auth.verify(GOOD));
    assertTrue(auth.known(GOOD));
    assertFalse(auth.verify(wrong));
    assertFalse(auth.known(wrong));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Basic", "Basic ", "Basic !!!", "Bearer abc", "Basic bm9jb2xvbg=="})
  void a_header_that_is_none_is_refused(String header) {
    assertFalse(new BasicAuth(Map.of("prometheus", HASH)).verify(header));
  }

  @Test
  void wrong_names_and_empty_passwords_are_refused() {
    BasicAuth auth = new BasicAuth(Map.of("prometheus", HASH));

    assertFalse(auth.verify(header("nobody", "sesame: öffne dich")));
    assertFalse(auth.verify(header("", "sesame: öffne dich")));
    assertFalse(auth.verify(header("prometheus", "")));
    assertFalse(auth.verify(header("prometheus", "x".repeat(200))));
  }

  private static String header(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
