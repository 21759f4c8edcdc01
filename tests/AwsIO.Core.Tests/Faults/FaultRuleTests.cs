using System.Reflection;
using AwsIO.Native.Faults;
using AwsIO.Native.Unix;
using AwsIO.Testing;

namespace AwsIO.Tests.Faults;

public sealed class FaultRuleTests
{
    [Theory]
    [InlineData("recv:3=EAGAIN")]
    [InlineData("send:*5=short(1)")]
    [InlineData("accept4:1-3=EMFILE")]
    [InlineData("socket:2-=ENFILE")]
    [InlineData("epoll_wait:*=short(1)")]
    [InlineData("recv:2.5%@17=EINTR")]
    [InlineData("recv:10%=EINTR")]
    [InlineData("getaddrinfo:1=EAI_AGAIN")]
    [InlineData("SSL_CTX_new:1=ENOMEM")]
    [InlineData("pthread_create:2=EAGAIN")]
    [InlineData("epoll_pwait2:1=ENOSYS")]
    public void A_rule_is_written_as_it_is_read(string text) =>
        Assert.Equal(text, Assert.Single(FaultRule.Parse(text)).ToString());

    [Fact]
    public void A_plan_has_rules_with_semicolons_between_them_and_blanks_where_one_likes()
    {
        IReadOnlyList<FaultRule> rules = FaultRule.Parse(" recv : 3 = EAGAIN ;; SSL_new:1=ENOMEM; ");
        Assert.Equal(["recv:3=EAGAIN", "SSL_new:1=ENOMEM"], rules.Select(static rule => rule.ToString()));
        Assert.Empty(FaultRule.Parse(""));
    }

    [Fact]
    public void A_rule_that_was_made_equals_the_one_that_was_read() => Assert.Equal(
        new FaultRule(NativeFunction.Send, FaultUses.Every(5), FaultOutcome.Shorten(1)),
        Assert.Single(FaultRule.Parse("send:*5=short(1)")));

    [Theory]
    [InlineData("recv", "a rule is a function, a colon")]
    [InlineData("recv=EAGAIN:3", "a rule is a function, a colon")]
    [InlineData("receive:3=EAGAIN", "there is no function 'receive'")]
    [InlineData("recv:0=EAGAIN", "'0' names no uses")]
    [InlineData("recv:x=EAGAIN", "'x' names no uses")]
    [InlineData("recv:3-1=EAGAIN", "'3-1' names no uses")]
    [InlineData("recv:*0=EAGAIN", "'*0' names no uses")]
    [InlineData("recv:101%=EAGAIN", "'101%' names no uses")]
    [InlineData("recv:5%17=EAGAIN", "'5%17' names no uses")]
    [InlineData("recv:=EAGAIN", "'' names no uses")]
    [InlineData("recv:3=EAGIAN", "'EAGIAN' is no outcome")]
    [InlineData("recv:3=short(0)", "'short(0)' is no outcome")]
    [InlineData("recv:3=short(x)", "'short(x)' is no outcome")]
    [InlineData("socket:1=short(1)", "socket moves no bytes")]
    [InlineData("recv:1=EAI_AGAIN", "EAI_AGAIN is an answer of getaddrinfo alone")]
    [InlineData("getaddrinfo:1=EAGAIN", "codes of its own")]
    [InlineData("SSL_new:1=EMFILE", "ENOMEM")]
    [InlineData("epoll_wait:1=EBADF", "anything else ends the process")]
    [InlineData("epoll_pwait2:1=EBADF", "anything else ends the process")]
    [InlineData("eventfd_write:1=EAGAIN", "EINTR alone")]
    [InlineData("pthread_create:1=ENOMEM", "EAGAIN alone")]
    public void A_rule_that_cannot_be_read_says_which_and_why(string rule, string why)
    {
        FormatException error = Assert.Throws<FormatException>(() => FaultRule.Parse($"send:1=EPIPE; {rule}"));
        Assert.StartsWith($"The rule '{rule}' of a fault plan cannot be read: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_makes_no_sense_cannot_be_made()
    {
        Assert.Throws<ArgumentException>(
            static () => new FaultRule(NativeFunction.Socket, FaultUses.All, FaultOutcome.Shorten(1)));
        Assert.Throws<ArgumentOutOfRangeException>(
            static () => new FaultRule((NativeFunction)47, FaultUses.All, FaultOutcome.Fail("ENOMEM")));
        Assert.Throws<ArgumentException>(static () => FaultOutcome.Fail("ENOSUCH"));
        Assert.Throws<ArgumentOutOfRangeException>(static () => FaultOutcome.Shorten(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => FaultUses.Number(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => FaultUses.Range(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(static () => FaultUses.Every(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => FaultUses.Randomly(1.5, 0));
    }

    [Theory]
    [InlineData("3", new long[] { 3 })]
    [InlineData("2-4", new long[] { 2, 3, 4 })]
    [InlineData("7-", new long[] { 7, 8 })]
    [InlineData("*", new long[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData("*3", new long[] { 3, 6 })]
    [InlineData("0%", new long[] { })]
    [InlineData("100%", new long[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    public void Uses_are_counted_from_one(string uses, long[] included)
    {
        FaultRule rule = Assert.Single(FaultRule.Parse($"recv:{uses}=EINTR"));
        Assert.Equal(included, Enumerable.Range(1, 8).Select(static use => (long)use).Where(use => rule.Uses.Include(use, rule.Function)));
    }

    [Fact]
    public void Random_uses_depend_on_their_seed_alone_and_are_as_many_as_was_asked_for()
    {
        const int all = 100_000;
        long[] Draw(string uses, NativeFunction function) =>
            [.. Enumerable.Range(1, all).Select(static use => (long)use)
                .Where(use => FaultRule.Parse($"recv:{uses}=EINTR")[0].Uses.Include(use, function))];

        long[] first = Draw("5%@17", NativeFunction.Recv);
        Assert.Equal(first, Draw("5%@17", NativeFunction.Recv));
        Assert.NotEqual(first, Draw("5%@18", NativeFunction.Recv));
        Assert.NotEqual(first, Draw("5%@17", NativeFunction.Send));
        Assert.InRange(first.Length, all / 20 * 0.9, all / 20 * 1.1);
    }

    [Fact]
    public void Each_function_has_the_same_figure_on_both_sides()
    {
        Dictionary<string, int> core = Enum.GetValues<NativeCall>().ToDictionary(static call => call.ToString(), static call => (int)call);
        Dictionary<string, int> testing = Enum.GetValues<NativeFunction>()
            .ToDictionary(static function => function.ToString(), static function => (int)function);
        Assert.Equal(core, testing);
    }

    [Fact]
    public void Each_function_has_a_name_and_none_has_another_s() => Assert.Equal(
        Enum.GetValues<NativeFunction>().Length,
        Enum.GetValues<NativeFunction>().Select(FunctionNames.Of).Distinct(StringComparer.OrdinalIgnoreCase).Count());

    [Fact]
    public void Errors_have_the_figures_that_core_knows_them_by()
    {
        int compared = 0;
        foreach (FieldInfo field in typeof(Errno).GetFields(BindingFlags.Static | BindingFlags.NonPublic))
        {
            if (field.FieldType == typeof(int) && FaultErrors.Knows(field.Name))
            {
                Assert.Equal((field.Name, (int)field.GetValue(null)!), (field.Name, FaultErrors.Number(field.Name)));
                compared++;
            }
        }

        Assert.InRange(compared, 20, int.MaxValue);
    }
}
