package cats;

import io.dapr.actors.ActorMethod;
import io.dapr.actors.ActorType;
import java.util.Map;
import reactor.core.publisher.Mono;

/** What callers know of the actor. */
@ActorType(name = "Cat")
public interface Cat {
  @ActorMethod(returns = Map.class)
  Mono<Map<String, Object>> eat(Map<String, String> meal);

  @ActorMethod(returns = Map.class)
  Mono<Map<String, Object>> recall();

  String refuse();

  String meet();

  @ActorMethod(returns = String.class)
  Mono<String> nap();

  /** What the timer calls: the SDK finds methods in interfaces alone. */
  void wake(String dream);

  int naps();

  @ActorMethod(returns = String.class)
  Mono<String> rise();

  @ActorMethod(returns = String.class)
  Mono<String> remember();

  @ActorMethod(returns = String.class)
  Mono<String> forget();
}
