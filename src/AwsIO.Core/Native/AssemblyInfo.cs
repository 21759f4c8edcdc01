using System.Runtime.CompilerServices;

// Every import is blittable: without the runtime's marshaller a call costs no stub, and a mistake fails the build.
[assembly: DisableRuntimeMarshalling]
