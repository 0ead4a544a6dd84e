package shop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dapr.Rule;
import io.dapr.Topic;
import io.dapr.actors.ActorId;
import io.dapr.actors.ActorType;
import io.dapr.actors.runtime.AbstractActor;
import io.dapr.actors.runtime.ActorRuntime;
import io.dapr.actors.runtime.ActorRuntimeContext;
import io.dapr.client.domain.BulkSubscribeAppResponse;
import io.dapr.client.domain.BulkSubscribeAppResponseEntry;
import io.dapr.client.domain.BulkSubscribeAppResponseStatus;
import io.dapr.client.domain.BulkSubscribeMessage;
import io.dapr.client.domain.CloudEvent;
import io.dapr.springboot.annotations.BulkSubscribe;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * An application of Spring Boot: the SDK finds its topics by their annotations. Its argument is its port.
 */
@SpringBootApplication
public class Application {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] words) {
    ActorRuntime.getInstance().registerActor(CatImpl.class);
    SpringApplication spring = new SpringApplication(Application.class);
    spring.setDefaultProperties(Map.of(
        "server.address", "127.0.0.1", "server.port", words[0], "logging.level.root", "WARN",
        "spring.main.banner-mode", "off", "spring.jmx.enabled", "false"));
    spring.run();
  }

  /** Prints one thing as a line of its own, whole. */
  private static void tell(Map<String, ?> what) {
    try {
      String line = JSON.writeValueAsString(what);
      synchronized (JSON) {
        System.out.println(line);
      }
    } catch (JsonProcessingException error) {
      throw new IllegalStateException(error);
    }
  }

  /** An actor's interface. */
  @ActorType(name = "Cat")
  public interface Cat {
    String meow();
  }

  /** An actor. */
  public static class CatImpl extends AbstractActor implements Cat {
    public CatImpl(ActorRuntimeContext<CatImpl> context, ActorId id) {
      super(context, id);
    }

    @Override
    public String meow() {
      return "meow";
    }
  }

  /** Notices that the sidecar asks for the application's health; the SDK's own controller answers. */
  @Bean
  public Filter notice() {
    return (request, response, chain) -> {
      if (((HttpServletRequest) request).getRequestURI().equals("/healthz")) {
        tell(Map.of("asked", "health"));
      }
      chain.doFilter(request, response);
    };
  }

  /** What reaches the application. */
  @RestController
  public static class Controller {
    private final AtomicInteger again = new AtomicInteger();

    private static void hear(String name, CloudEvent<?> event) {
      Object data = event.getData() != null ? event.getData() : new String(event.getBinaryData(), StandardCharsets.UTF_8);
      tell(Map.of("topic", name, "data", data, "type", event.getType()));
    }

    @Topic(name = "plain", pubsubName = "bus")
    @PostMapping("/plain")
    public void plain(@RequestBody CloudEvent<Object> event) {
      hear("plain", event);
    }

    @Topic(name = "binary", pubsubName = "bus")
    @PostMapping("/binary")
    public void binary(@RequestBody CloudEvent<Object> event) {
      hear("binary", event);
    }

    @Topic(name = "raw", pubsubName = "bus", metadata = "{\"rawPayload\":\"true\"}")
    @PostMapping("/raw")
    public void raw(@RequestBody CloudEvent<Object> event) {
      hear("raw", event);
    }

    @Topic(name = "routed", pubsubName = "bus")
    @PostMapping("/usual")
    public void usual(@RequestBody CloudEvent<Object> event) {
      hear("usual", event);
    }

    @Topic(name = "routed", pubsubName = "bus", rule = @Rule(match = "event.type == 'special'", priority = 1))
    @PostMapping("/special")
    public void special(@RequestBody CloudEvent<Object> event) {
      hear("special", event);
    }

    @Topic(name = "again", pubsubName = "bus")
    @PostMapping("/again")
    public Map<String, String> again(@RequestBody CloudEvent<Object> event) {
      hear("again", event);
      return Map.of("status", again.incrementAndGet() == 1 ? "RETRY" : "SUCCESS");
    }

    @Topic(name = "dropped", pubsubName = "bus", deadLetterTopic = "dead")
    @PostMapping("/dropped")
    public Map<String, String> dropped(@RequestBody CloudEvent<Object> event) {
      hear("dropped", event);
      return Map.of("status", "DROP");
    }

    @Topic(name = "dead", pubsubName = "bus")
    @PostMapping("/dead")
    public void dead(@RequestBody CloudEvent<Object> event) {
      hear("dead", event);
    }

    @BulkSubscribe(maxMessagesCount = 10, maxAwaitDurationMs = 50)
    @Topic(name = "bulk", pubsubName = "bus")
    @PostMapping("/bulk")
    public BulkSubscribeAppResponse bulk(@RequestBody BulkSubscribeMessage<CloudEvent<Object>> message) {
      message.getEntries().forEach(entry -> hear("bulk", entry.getEvent()));
      return new BulkSubscribeAppResponse(message.getEntries().stream()
          .map(entry -> new BulkSubscribeAppResponseEntry(entry.getEntryId(), BulkSubscribeAppResponseStatus.SUCCESS))
          .toList());
    }

    @PostMapping("/tick")
    public void tick(@RequestBody(required = false) byte[] data) {
      tell(Map.of("binding", "tick"));
    }

    @PostMapping("/greet")
    public String greet(@RequestBody String name, HttpServletRequest request) {
      String query = String.valueOf(request.getQueryString());
      tell(Map.of("method", "greet", "query", query, "caller", request.getHeader("dapr-caller-app-id")));
      return "hello " + name;
    }

    @PostMapping("/fail")
    public void fail() {
      throw new ResponseStatusException(HttpStatus.CONFLICT, "no such order");
    }
  }
}
