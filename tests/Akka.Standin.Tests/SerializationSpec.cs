using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Standin.Tests;

public sealed class SerializationSpec : TestKit.Xunit2.TestKit
{
    public SerializationSpec()
        : base("""
            akka.actor {
              serializers.words = "Akka.Standin.Tests.WordSerializer, Akka.Standin.Tests"
              serialization-bindings { "Akka.Standin.Tests.IWord, Akka.Standin.Tests" = words }
              serialization-identifiers { "Akka.Standin.Tests.WordSerializer, Akka.Standin.Tests" = 4711 }
            }
            """)
    {
    }

    [Fact]
    public void A_bound_interface_should_find_its_serializer_and_come_back()
    {
        var serialization = Sys.Serialization;
        var word = new Word("hello");
        var serializer = Assert.IsType<WordSerializer>(serialization.FindSerializerFor(word));
        Assert.Equal(4711, serializer.Identifier);
        Assert.True(serializer.IncludeManifest);
        var manifest = Serialization.Serialization.ManifestFor(serializer, word);
        Assert.Equal("word", manifest);
        Assert.Equal(word, serialization.Deserialize(serialization.Serialize(word), 4711, manifest));
    }

    [Fact]
    public void Bytes_should_be_themselves()
    {
        byte[] bytes = [1, 2, 3];
        var serializer = Sys.Serialization.FindSerializerFor(bytes);
        Assert.Equal(4, serializer.Identifier);
        Assert.Equal(bytes, serializer.ToBinary(bytes));
    }
}

public interface IWord
{
    string Text { get; }
}

public sealed record Word(string Text) : IWord;

public sealed class WordSerializer : SerializerWithStringManifest
{
    public WordSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override string Manifest(object o) => "word";

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes(((IWord)obj).Text);

    public override object FromBinary(byte[] bytes, string manifest) => manifest == "word"
        ? new Word(Encoding.UTF8.GetString(bytes))
        : throw new ArgumentException("unknown manifest " + manifest);
}
