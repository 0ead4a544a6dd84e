package cats;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dapr.actors.ActorId;
import io.dapr.actors.client.ActorClient;
import io.dapr.actors.client.ActorProxy;
import io.dapr.actors.client.ActorProxyBuilder;
import io.dapr.actors.runtime.ActorRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An application that hosts actors on the port of its argument; {@code calls} instead of one calls them by a proxy, and
 * {@code below} by what proxies are made of.
 */
@SpringBootApplication
public class Main {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] words) {
    try {
      switch (words[0]) {
        case "calls" -> tell(calls());
        case "below" -> tell(below());
        default -> {
          host(words[0]);
          return;
        }
      }
      System.exit(0); // the SDK leaves threads behind
    } catch (Exception error) {
      error.printStackTrace();
      System.exit(1);
    }
  }

  private static void host(String port) {
    ActorRuntime actors = ActorRuntime.getInstance();
    actors.getConfig().setActorIdleTimeout(Duration.ofSeconds(2));
    actors.registerActor(CatImpl.class);
    SpringApplication spring = new SpringApplication(Main.class);
    spring.setDefaultProperties(Map.of(
        "server.address", "127.0.0.1", "server.port", port, "logging.level.root", "WARN",
        "spring.main.banner-mode", "off", "spring.jmx.enabled", "false"));
    spring.run();
  }

  private static Map<String, Object> calls() throws Exception {
    try (ActorClient client = new ActorClient()) {
      ActorProxyBuilder<Cat> cats = new ActorProxyBuilder<>(Cat.class, client);
      Cat tom = cats.build(new ActorId("tom"));
      Map<String, Object> found = new LinkedHashMap<>();
      found.put("eat", List.of(tom.eat(Map.of("meal", "fish")).block(), tom.eat(Map.of("meal", "bird")).block()));
      found.put("recall", tom.recall().block());
      found.put("refuse", refusal(tom::refuse));
      found.put("recall after it", tom.recall().block());
      found.put("meet", meet(cats.build(new ActorId("ann")), cats.build(new ActorId("bob"))));
      found.put("remember", tom.remember().block());
      found.put("forget", tom.forget().block());
      found.put("naps", naps(cats.build(new ActorId("sleeper"))));
      return found;
    }
  }

  private static List<String> meet(Cat one, Cat other) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CompletableFuture<String> first = CompletableFuture.supplyAsync(one::meet, threads);
    CompletableFuture<String> second = CompletableFuture.supplyAsync(other::meet, threads);
    return List.of(first.get(), second.get());
  }

  private static List<Integer> naps(Cat sleeper) throws InterruptedException {
    sleeper.nap().block();
    Instant patience = Instant.now().plusSeconds(30);
    while (sleeper.naps() < 3) {
      if (Instant.now().isAfter(patience)) {
        throw new IllegalStateException("no timer came");
      }
      Thread.sleep(20);
    }
    sleeper.rise().block();
    int risen = sleeper.naps();
    Thread.sleep(400); // eight periods of the timer
    return List.of(risen, sleeper.naps());
  }

  private static Map<String, String> below() {
    try (ActorClient client = new ActorClient()) {
      ActorProxy cat = new ActorProxyBuilder<>("Cat", ActorProxy.class, client).build(new ActorId("low"));
      return Map.of("ActorProxy.invokeMethod", refusal(
          () -> cat.invokeMethod("eat", Map.of("meal", "mouse"), Map.class).block()));
    }
  }

  private static String refusal(Supplier<Object> call) {
    try {
      return "none: it gave " + call.get();
    } catch (RuntimeException error) {
      return String.valueOf(error.getMessage());
    }
  }

  /** Prints one thing as a line of its own, whole. */
  static void tell(Map<String, ?> what) {
    try {
      String line = JSON.writeValueAsString(what);
      synchronized (JSON) {
        System.out.println(line);
      }
    } catch (JsonProcessingException error) {
      throw new IllegalStateException(error);
    }
  }
}
