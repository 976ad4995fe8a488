package com.esotericsoftware.kryo;

/** A name to compile against; Storm brings the real one, and this one goes into no jar. */
public class Kryo {}
