import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import javax.net.ssl.TrustManagerFactory;

/** The Java side of what the runner of the client matrix understands. */
final class Checks {
  static final String HOST = System.getenv("REDIS_HOST");
  static final int PORT = Integer.parseInt(System.getenv("REDIS_PORT"));
  static final String TLS_HOST = System.getenv("TLS_HOST");
  static final int TLS_PORT = Integer.parseInt(System.getenv("TLS_PORT"));
  static final String TLS_CA = System.getenv("TLS_CA");
  static final int AUTH_PORT = Integer.parseInt(System.getenv("AUTH_PORT"));
  static final String PASSWORD = System.getenv("AUTH_PASSWORD");

  /** The server knows what Redis 7.0 does not. */
  static final boolean EXTRAS = System.getenv("EXTRAS") != null;

  private static final long TIMEOUT_MILLIS = 30_000;
  private static final BufferedReader ANSWERS = new BufferedReader(new InputStreamReader(System.in));

  private Checks() {}

  /** What a check does. */
  interface Body {
    void run() throws Exception;
  }

  /** Runs one check and prints its result. */
  static void check(String name, Body body) {
    try {
      body.run();
      System.out.println("ok " + name);
    } catch (Exception | AssertionError problem) {
      StringBuilder why = new StringBuilder();
      for (Throwable t = problem; t != null; t = t.getCause()) {
        why.append(t).append("; ");
      }
      Arrays.stream(problem.getStackTrace())
          .filter(f -> f.getClassName().endsWith("Client"))
          .findFirst()
          .ifPresent(f -> why.append("line ").append(f.getLineNumber()));
      System.out.println("not ok " + name + ": " + why.toString().replace("\n", "; "));
    }
  }

  /** Says that all checks were run. */
  static void end() {
    System.out.println("end");
  }

  static void same(String request, Object got, Object want) {
    if (got instanceof Integer i) {
      got = i.longValue();
    }
    if (want instanceof Integer i) {
      want = i.longValue();
    }
    if (!Objects.deepEquals(got, want)) {
      throw new AssertionError(request + ": got " + got + ", want " + want);
    }
  }

  /** Wants an error that contains text. */
  static void fails(String request, String text, Callable<?> call) {
    Object got;
    try {
      got = call.call();
    } catch (Exception refused) {
      for (Throwable t = refused; t != null; t = t.getCause()) {
        if (String.valueOf(t.getMessage()).contains(text)) {
          return;
        }
      }
      throw new AssertionError(request + ": error " + refused + ", want " + text, refused);
    }
    throw new AssertionError(request + ": got " + got + ", want the error " + text);
  }

  /** Returns when the server has been replaced by a new one. */
  static void restart() throws IOException {
    System.out.println("restart");
    same("restart", ANSWERS.readLine(), "restarted");
  }

  /** Tries until the call returns true and throws nothing. */
  static void eventually(String what, Callable<Boolean> call) throws InterruptedException {
    long giveUp = System.currentTimeMillis() + TIMEOUT_MILLIS;
    while (true) {
      Exception problem = null;
      try {
        if (call.call()) {
          return;
        }
      } catch (Exception e) {
        problem = e;
      }
      if (System.currentTimeMillis() > giveUp) {
        throw new AssertionError(what + ": does not come, the last attempt: " + problem, problem);
      }
      Thread.sleep(20);
    }
  }

  /** Trusts the authority of the server's certificate. */
  static TrustManagerFactory trust() throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = new FileInputStream(TLS_CA)) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust;
  }
}
