package interop;

import com.azure.cosmos.CosmosClientBuilder;
import com.azure.spring.data.cosmos.config.AbstractCosmosConfiguration;
import com.azure.spring.data.cosmos.config.CosmosConfig;
import com.azure.spring.data.cosmos.core.mapping.Container;
import com.azure.spring.data.cosmos.core.mapping.CosmosIndexingPolicy;
import com.azure.spring.data.cosmos.core.mapping.CompositeIndex;
import com.azure.spring.data.cosmos.core.mapping.CompositeIndexPath;
import com.azure.spring.data.cosmos.core.mapping.PartitionKey;
import com.azure.cosmos.models.CompositePathSortOrder;
import com.azure.spring.data.cosmos.core.query.CosmosPageRequest;
import com.azure.spring.data.cosmos.exception.CosmosAccessException;
import com.azure.spring.data.cosmos.repository.CosmosRepository;
import com.azure.spring.data.cosmos.repository.Query;
import com.azure.spring.data.cosmos.repository.config.EnableCosmosRepositories;
import java.util.*;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.Version;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.Sort;
import org.springframework.data.repository.query.Param;

/** Spring Data over the official SDK: a repository whose queries Spring derives from the names of its methods. */
final class Spring {
    private Spring() { }

    /** A document of the repository. */
    @Container(containerName = "people", partitionKeyPath = "/city")
    @CosmosIndexingPolicy(compositeIndexes = @CompositeIndex(paths = {
        @CompositeIndexPath(path = "/name"), @CompositeIndexPath(path = "/age", order = CompositePathSortOrder.DESCENDING)}))
    public static class Person {
        @Id public String id;
        @PartitionKey public String city;
        public String name;
        public int age;
        public boolean active;
        public String note;
        public Address address;
        public List<String> tags;
        @Version public String _etag;

        public Person() { }

        Person(int i) {
            id = "p" + i;
            city = List.of("Bonn", "Kyiv", "Oslo").get(i % 3);
            name = List.of("Ada", "bob", "Cleo", "Dora").get(i % 4) + i / 4;
            age = 20 + i;
            active = i % 2 == 0;
            note = i % 5 == 0 ? null : "note " + i;
            address = new Address();
            address.street = "Street " + i % 2;
            tags = List.of("t" + i % 3, "all");
        }
    }

    /** What a document holds. */
    public static class Address {
        public String street;
    }

    /** Twenty and more queries, each from its method's name, and three from a text. */
    public interface People extends CosmosRepository<Person, String> {
        List<Person> findByName(String name);
        List<Person> findByNameIgnoreCase(String name);
        List<Person> findByNameNot(String name);
        List<Person> findByCityAndActiveTrue(String city);
        List<Person> findByCityOrAge(String city, int age);
        List<Person> findByAgeGreaterThan(int age);
        List<Person> findByAgeGreaterThanEqual(int age);
        List<Person> findByAgeLessThan(int age);
        List<Person> findByAgeLessThanEqual(int age);
        List<Person> findByAgeBetween(int from, int to);
        List<Person> findByAgeIn(Collection<Integer> ages);
        List<Person> findByAgeNotIn(Collection<Integer> ages);
        List<Person> findByNameStartsWith(String prefix);
        List<Person> findByNameEndsWith(String suffix);
        List<Person> findByNameContaining(String part);
        List<Person> findByNameNotContaining(String part);
        List<Person> findByActiveFalse();
        List<Person> findByNoteIsNull();
        List<Person> findByNoteIsNotNull();
        List<Person> findByAddressStreet(String street);
        List<Person> findByActiveTrueOrderByAgeDesc();
        List<Person> findByCityOrderByNameAscAgeDesc(String city);
        List<Person> findTop3ByActiveTrueOrderByAge();
        long countByActiveTrue();
        boolean existsByNoteStartsWith(String prefix);
        Page<Person> findByActive(boolean active, org.springframework.data.domain.Pageable page);
        void deleteByAgeGreaterThan(int age);

        @Query("SELECT * FROM c WHERE c.age > @age AND ARRAY_CONTAINS(c.tags, @tag)")
        List<Person> older(@Param("age") int age, @Param("tag") String tag);

        @Query("SELECT VALUE COUNT(1) FROM c WHERE c.age < @age")
        long younger(@Param("age") int age);

        @Query("SELECT c.city, COUNT(1) AS n FROM c GROUP BY c.city")
        List<Map<String, Object>> perCity();
    }

    /** How Spring finds the server. */
    @Configuration
    @EnableCosmosRepositories(basePackageClasses = Spring.class, considerNestedRepositories = true)
    public static class Config extends AbstractCosmosConfiguration {
        @Bean
        public CosmosClientBuilder builder() { return Main.builder(); }

        @Bean
        public CosmosConfig cosmosConfig() { return CosmosConfig.builder().build(); }

        @Override
        protected String getDatabaseName() { return Main.NAME; }
    }

    private static void same(List<Person> want, List<Person> have) { Main.equal(ids(want), ids(have)); }

    private static Set<String> ids(List<Person> people) { return people.stream().map(p -> p.id).collect(Collectors.toCollection(TreeSet::new)); }

    private static List<String> order(List<Person> people) { return people.stream().map(p -> p.id).collect(Collectors.toList()); }

    static void steps() {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Config.class)) {
            steps(context.getBean(People.class));
        }
    }

    private static void steps(People people) {
        List<Person> all = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            all.add(new Person(i));
        }
        Main.step("Spring: save all, count, find all", () -> {
            people.saveAll(all);
            Main.equal(24L, people.count());
            Main.equal(24L, StreamSupport.stream(people.findAll().spliterator(), false).count());
        });
        Main.step("Spring: by id with its key", () -> {
            Main.equal("Ada0", people.findById("p0", new com.azure.cosmos.models.PartitionKey("Bonn")).orElseThrow().name);
            Main.equal(false, people.findById("p0", new com.azure.cosmos.models.PartitionKey("Oslo")).isPresent());
        });
        check("Name", all, p -> p.name.equals("bob1"), () -> people.findByName("bob1"));
        check("NameIgnoreCase", all, p -> p.name.equalsIgnoreCase("BOB1"), () -> people.findByNameIgnoreCase("BOB1"));
        check("NameNot", all, p -> !p.name.equals("bob1"), () -> people.findByNameNot("bob1"));
        check("CityAndActiveTrue", all, p -> p.city.equals("Oslo") && p.active, () -> people.findByCityAndActiveTrue("Oslo"));
        check("CityOrAge", all, p -> p.city.equals("Oslo") || p.age == 24, () -> people.findByCityOrAge("Oslo", 24));
        check("AgeGreaterThan", all, p -> p.age > 30, () -> people.findByAgeGreaterThan(30));
        check("AgeGreaterThanEqual", all, p -> p.age >= 30, () -> people.findByAgeGreaterThanEqual(30));
        check("AgeLessThan", all, p -> p.age < 30, () -> people.findByAgeLessThan(30));
        check("AgeLessThanEqual", all, p -> p.age <= 30, () -> people.findByAgeLessThanEqual(30));
        check("AgeBetween", all, p -> p.age >= 22 && p.age <= 28, () -> people.findByAgeBetween(22, 28));
        check("AgeIn", all, p -> p.age == 20 || p.age == 33, () -> people.findByAgeIn(List.of(20, 33, 99)));
        check("AgeNotIn", all, p -> p.age != 20 && p.age != 33, () -> people.findByAgeNotIn(List.of(20, 33)));
        check("NameStartsWith", all, p -> p.name.startsWith("Cl"), () -> people.findByNameStartsWith("Cl"));
        check("NameEndsWith", all, p -> p.name.endsWith("3"), () -> people.findByNameEndsWith("3"));
        check("NameContaining", all, p -> p.name.contains("o"), () -> people.findByNameContaining("o"));
        check("NameNotContaining", all, p -> !p.name.contains("o"), () -> people.findByNameNotContaining("o"));
        check("ActiveFalse", all, p -> !p.active, () -> people.findByActiveFalse());
        check("NoteIsNull", all, p -> p.note == null, () -> people.findByNoteIsNull());
        check("NoteIsNotNull", all, p -> p.note != null, () -> people.findByNoteIsNotNull());
        check("AddressStreet", all, p -> p.address.street.equals("Street 1"), () -> people.findByAddressStreet("Street 1"));
        Main.step("Spring: ActiveTrueOrderByAgeDesc, over all partitions", () -> Main.equal(
            order(all.stream().filter(p -> p.active).sorted(Comparator.comparing(p -> -p.age)).collect(Collectors.toList())),
            order(people.findByActiveTrueOrderByAgeDesc())));
        Main.step("Spring: CityOrderByNameAscAgeDesc, of two keys", () -> Main.equal(
            order(all.stream().filter(p -> p.city.equals("Kyiv")).sorted(Comparator.comparing((Person p) -> p.name).thenComparing(p -> -p.age))
                .collect(Collectors.toList())),
            order(people.findByCityOrderByNameAscAgeDesc("Kyiv"))));
        Main.step("Spring: Top3ByActiveTrueOrderByAge", () -> Main.equal(List.of("p0", "p2", "p4"), order(people.findTop3ByActiveTrueOrderByAge())));
        Main.step("Spring: countByActiveTrue, existsByNoteStartsWith", () -> {
            Main.equal(12L, people.countByActiveTrue());
            Main.equal(true, people.existsByNoteStartsWith("note 1"));
            Main.equal(false, people.existsByNoteStartsWith("none"));
        });
        Main.step("Spring: pages with tokens, sorted", () -> {
            Set<String> seen = new TreeSet<>();
            org.springframework.data.domain.Pageable next = new CosmosPageRequest(0, 5, null, Sort.by("age"));
            for (int pages = 0; ; pages++) {
                Page<Person> page = people.findByActive(true, next);
                seen.addAll(ids(page.getContent()));
                if (!page.hasNext() || pages > 12) {
                    break;
                }
                next = page.nextPageable();
            }
            Main.equal(12, seen.size());
        });
        check("a text with parameters", all, p -> p.age > 30 && p.tags.contains("t1"), () -> people.older(30, "t1"));
        Main.step("Spring: texts with an aggregate and with groups", () -> {
            Main.equal(10L, people.younger(30));
            Main.equal(3, people.perCity().size());
        });
        Main.step("Spring: a version that is not the latest is refused", () -> {
            Person p = people.findById("p1", new com.azure.cosmos.models.PartitionKey("Kyiv")).orElseThrow();
            String old = p._etag;
            p.note = "changed";
            Person saved = people.save(p);
            Main.equal(false, old.equals(saved._etag));
            p._etag = old;
            try {
                people.save(p);
                throw new AssertionError("no error");
            } catch (CosmosAccessException e) {
                Main.equal(412, e.getCosmosException().getStatusCode());
            }
        });
        Main.step("Spring: delete by a query, by key, all", () -> {
            people.deleteByAgeGreaterThan(40);
            Main.equal(21L, people.count());
            people.deleteById("p0", new com.azure.cosmos.models.PartitionKey("Bonn"));
            Main.equal(20L, people.count());
            people.deleteAll();
            Main.equal(0L, people.count());
        });
    }

    private static void check(String name, List<Person> all, java.util.function.Predicate<Person> want, java.util.function.Supplier<List<Person>> query) {
        Main.step("Spring: " + name, () -> {
            List<Person> expected = all.stream().filter(want).collect(Collectors.toList());
            Main.equal(true, expected.size() > 0 && expected.size() < all.size());
            same(expected, query.get());
        });
    }
}
