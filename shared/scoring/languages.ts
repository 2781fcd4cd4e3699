/** What tells a language from others that are written alike. */
type Marks = {
  /** Its commonest little words: they are in every sentence, whatever it is about. */
  words: string;
  /** Letters that it has and its neighbours do not. */
  letters: string;
  /** How it is called in a request: by itself, and by those who ask for it. */
  names: string;
};

/** Languages that share a script, by ISO 639-1 code. Those that have one of their own need no words: `languageOf` knows their script. */
export const languages: Record<string, Marks> = {
  en: {
    words:
      "the of and to in is that it for you with on are be this as have not by at from or your can will what how if they we an all has my which would there their please i do does was were been about when",
    letters: "",
    names:
      "english englisch englische englischen anglais inglés inglês inglese engels angielski engelska ingilizce английском английский 英语 英文 英語 영어 अंग्रेजी",
  },
  de: {
    words:
      "der die das und ist nicht ein eine einen zu mit den von für auf sich dem im es sie ich auch als wie kann bei werden sind aus wird oder haben nach wenn bitte ihre ihr wir was einer des am noch nur über durch können ihnen dass um",
    letters: "ß",
    names:
      "german deutsch deutsche deutschen allemand alemán alemão tedesco duits niemiecki tyska almanca немецком немецкий 德语 德文 ドイツ語 독일어",
  },
  fr: {
    words:
      "le la les de des et est un une du que qui dans pour pas sur au avec vous ce il ne se sont je en plus par votre nous cette mais ou être à même aux elle comment quel quelle ces leur ont peut d l c n s qu merci sans",
    letters: "œ",
    names:
      "french französisch französische französischen français française francés francês francese frans francuski franska fransızca французском французский 法语 法文 フランス語 프랑스어",
  },
  es: {
    words:
      "el la los las de y que en es un una por con no para su se del al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien puede si usted qué cómo está son cuál mi tu",
    letters: "ñ¿¡",
    names:
      "spanish spanisch spanische spanischen español española espagnol espanhol spagnolo spaans hiszpański spanska ispanyolca испанском испанский 西班牙语 スペイン語 스페인어",
  },
  pt: {
    words:
      "o a os as de e que em um uma não para com do da no na por se mais dos como mas ao ele das seu sua ou quando muito nos já eu também só pelo pela até isso ela entre depois sem você está são qual minha meu pode uns aos à é",
    letters: "ãõ",
    names:
      "portuguese portugiesisch portugiesische português portuguesa portugais portugués portoghese portugees portugalski portugisiska portekizce португальском 葡萄牙语 ポルトガル語 포르투갈어",
  },
  it: {
    words:
      "il la di e che è un una per non con del della in le si da dei al lo come più ma ha alla gli sono nel anche se questo questa essere o ho mi i delle su dal nella ci tra qual quale come puoi può hai suo sua dopo entro dalla",
    letters: "",
    names:
      "italian italienisch italienische italienischen italiano italiana italien italiaans włoski italienska italyanca итальянском итальянский 意大利语 イタリア語 이탈리아어",
  },
  nl: {
    words:
      "de het een en van is dat op te in niet zijn met voor er aan die ook als bij of naar je uit om ik maar door wat kan u hij ze over nog na wordt dan heb heeft deze dit worden kunt hoe mijn uw onze wij binnen",
    letters: "",
    names:
      "dutch niederländisch nederlands nederlandse néerlandais neerlandés holandés holandês olandese holenderski nederländska hollandaca 荷兰语 オランダ語 네덜란드어",
  },
  sv: {
    words:
      "och att det som en är på av för med den till inte om ett han men jag från vid var kan så de vi du har ska när efter eller hur mig din min inom vad också detta alla",
    letters: "",
    names: "swedish schwedisch svenska suédois sueco svedese zweeds szwedzki isveççe 瑞典语 スウェーデン語",
  },
  da: {
    words:
      "og at det som en er på af for med den til ikke om et han men jeg fra ved var kan så de vi du har skal når efter eller hvordan mig din min inden hvad også dette alle blev være bliver",
    letters: "",
    names: "danish dänisch dansk danois danés danese deens",
  },
  no: {
    words:
      "og at det som en er på av for med den til ikke om et han men jeg fra ved var kan så de vi du har skal når etter eller hvordan meg din min innen hva også dette alle ble være blir noen",
    letters: "",
    names: "norwegian norwegisch norsk norvégien noruego norvegese noors",
  },
  fi: {
    words:
      "ja on ei että se hän olen ovat oli mutta kun niin kuin tai jos voi mitä tämä ole myös minä sinä voit sitä mikä joka vain kanssa sen siitä ovatko onko voinko",
    letters: "",
    names: "finnish finnisch suomi suomeksi finnois finlandés fins",
  },
  pl: {
    words:
      "i w na z do nie że się jest to o jak za co ale dla od po czy przez tym są może by tak już jego ich ten ta mnie być w ciągu mogę można jaka jaki który która oraz proszę",
    letters: "łąęśżźń",
    names: "polish polnisch polnische polski polsku polonais polaco polacco pools polska lehçe польском 波兰语 ポーランド語",
  },
  cs: {
    words:
      "a je v na se že to s z do jsem by ale jak pro za si po jako tak jsou od které který nebo když bude může být co už ve ze mi jste není pokud můžete mohu jaké jaká",
    letters: "řěů",
    names: "czech tschechisch česky čeština tchèque checo ceco tsjechisch czeski",
  },
  ro: {
    words:
      "și de în la a cu pe că nu este o un mai din care pentru sunt se să ca dar sau al ale după poate fi am ați prin ce lui unei cum dacă îmi vă",
    letters: "șță",
    names: "romanian rumänisch română românește roumain rumano romeno rumeno roemeens",
  },
  hu: {
    words:
      "a az és hogy nem is egy van meg ez de ha csak mint már vagy volt azt lehet még kell után vagyok ezt el fel ki hogyan mi mit",
    letters: "őű",
    names: "hungarian ungarisch magyar magyarul hongrois húngaro ungherese hongaars",
  },
  tr: {
    words:
      "ve bir bu için ile de da ne çok daha olarak var gibi mi mı ama o en kadar sonra ben sen nasıl değil veya evet hayır olan olarak içinde lütfen nedir neresidir",
    letters: "ğış",
    names: "turkish türkisch türkçe turc turco turks turecki turkiska турецком 土耳其语 トルコ語 터키어",
  },
  id: {
    words:
      "yang dan di dengan untuk tidak ini dari dalam akan pada juga saya ke karena bisa ada mereka atau lebih sudah anda kami itu adalah apakah oleh dapat setelah bagaimana",
    letters: "",
    names: "indonesian indonesisch indonesia indonésien indonesio indonesiano",
  },
  vi: {
    words:
      "của và là có không được cho một trong với các tôi này những để người đã khi đến bạn như về từ thể sau thì ở nào bao gì",
    letters: "ơưđạảấầậắặẹẻếềệỉịọỏốồộớờợụủứừựỳỵ",
    names: "vietnamese vietnamesisch việt vietnamien vietnamita",
  },
  ru: {
    words:
      "и в не на что я с он как это по но к из у за вы так же от для бы да если мы или может можно нет есть после до при ваш мне его все",
    letters: "ыэъё",
    names:
      "russian russisch russische русском русский по-русски russe ruso russo russisch rosyjski ryska rusça 俄语 ロシア語 러시아어",
  },
  uk: {
    words:
      "і в не на що я з він як це по але до із у за ви так же від для якщо ми або може можна ні є після чи при ваш мені його всі та",
    letters: "іїєґ",
    names: "ukrainian ukrainisch українською українська ukrainien ucraniano ucraino oekraïens",
  },
  bg: {
    words: "и в не на че се да е за с от по са като това но или ще до след може ли той тя ако има при във със който която",
    letters: "",
    names: "bulgarian bulgarisch български bulgare búlgaro bulgaro",
  },
  ar: {
    words: "في من على إلى أن هذا التي عن مع لا ما هل كان أو هو هي ذلك بعد نعم يمكن",
    letters: "ةىأإ",
    names: "arabic arabisch arabe árabe arabo العربية arapça арабском 阿拉伯语 アラビア語",
  },
  fa: {
    words: "در از به که این را با است برای آن یک خود تا بر هم نیز می های شود بعد",
    letters: "پچژگی",
    names: "persian farsi persisch persan persa فارسی",
  },
  zh: {
    words: "",
    letters: "",
    names:
      "chinese chinesisch chinois chino chinês cinese chinees chiński kinesiska çince китайском 中文 汉语 漢語 中国語 중국어 mandarin",
  },
  ja: {
    words: "",
    letters: "",
    names:
      "japanese japanisch japonais japonés japonês giapponese japans japoński japanska japonca японском 日语 日文 日本語 일본어",
  },
  ko: {
    words: "",
    letters: "",
    names: "korean koreanisch coréen coreano koreaans koreański koreanska korece корейском 韩语 韓国語 한국어",
  },
  hi: { words: "", letters: "", names: "hindi हिन्दी हिंदी хинди 印地语 ヒンディー語" },
  he: { words: "", letters: "", names: "hebrew hebräisch hébreu hebreo hebraico ebraico עברית" },
  el: { words: "", letters: "", names: "greek griechisch grec griego grego greco ελληνικά" },
  th: { words: "", letters: "", names: "thai thailändisch thaï tailandés ภาษาไทย" },
};

/** Scripts: first and last code unit, and the language that alone is written so, or the languages that words must tell apart. */
export const scripts: readonly { from: number; to: number; script: string }[] = [
  { from: 0x61, to: 0x7a, script: "latin" },
  { from: 0xc0, to: 0x24f, script: "latin" },
  { from: 0x370, to: 0x3ff, script: "el" },
  { from: 0x400, to: 0x52f, script: "cyrillic" },
  { from: 0x590, to: 0x5ff, script: "he" },
  { from: 0x600, to: 0x6ff, script: "arabic" },
  { from: 0x900, to: 0x97f, script: "hi" },
  { from: 0xe00, to: 0xe7f, script: "th" },
  { from: 0x1e00, to: 0x1eff, script: "latin" },
  { from: 0x3040, to: 0x30ff, script: "ja" },
  { from: 0x4e00, to: 0x9fff, script: "zh" },
  { from: 0xac00, to: 0xd7af, script: "ko" },
];

/** The verbs of a request for a language: "answer in French", "übersetze ins Deutsche", "traduce al inglés". */
export const askingVerbs =
  "answer respond reply write translate translated translation speak explain say give say output antworte antworten schreibe schreib übersetze übersetzen übersetzung erkläre réponds répondez répondre écris écrivez traduis traduisez traduire traduction explique responde responder escribe escriba traduce traducir traducción explica responda escreva traduza traduzir tradução rispondi scrivi traduci tradurre traduzione antwoord schrijf vertaal vertalen odpowiedz napisz przetłumacz svara skriv översätt cevapla yaz çevir ответь напиши переведи";
/** What stands before the language that is asked for. */
export const askingPrepositions = "in into to only auf ins en al em para al w po på till на in het naar nach zu";
