// The large templates of fmt and nlohmann::json that most batches use: each batch (unity.cmake)
// includes this at its end, and so does not make them; shared_templates.cpp does, once for the
// program. Without it half of what is compiled is the same code over and over. Says nothing about a
// library that the batch has not included. For g++ alone: clang wants such a declaration before the
// first use.
#if defined(__GNUC__) && !defined(__clang__)

#ifndef FRAMEWIRE_TEMPLATE
#define FRAMEWIRE_TEMPLATE extern template
#endif

#ifdef FMT_FORMAT_H_
FRAMEWIRE_TEMPLATE void fmt::detail::vformat_to<char>(fmt::detail::buffer<char>&, fmt::string_view,
                                                      fmt::format_args, fmt::detail::locale_ref);
#endif

#ifdef INCLUDE_NLOHMANN_JSON_HPP_
namespace framewire::shared_templates {
using Json = nlohmann::json;
using Chars = nlohmann::detail::iterator_input_adapter<const char*>;
using String = nlohmann::detail::iterator_input_adapter<std::string::const_iterator>;
}  // namespace framewire::shared_templates
FRAMEWIRE_TEMPLATE class nlohmann::detail::serializer<framewire::shared_templates::Json>;
FRAMEWIRE_TEMPLATE class nlohmann::detail::lexer<framewire::shared_templates::Json,
                                                 framewire::shared_templates::Chars>;
FRAMEWIRE_TEMPLATE class nlohmann::detail::lexer<framewire::shared_templates::Json,
                                                 framewire::shared_templates::String>;
FRAMEWIRE_TEMPLATE class nlohmann::detail::parser<framewire::shared_templates::Json,
                                                  framewire::shared_templates::Chars>;
FRAMEWIRE_TEMPLATE class nlohmann::detail::parser<framewire::shared_templates::Json,
                                                  framewire::shared_templates::String>;
FRAMEWIRE_TEMPLATE class nlohmann::detail::json_sax_dom_parser<framewire::shared_templates::Json>;
FRAMEWIRE_TEMPLATE class nlohmann::detail::json_sax_dom_callback_parser<
    framewire::shared_templates::Json>;
#endif

#endif
