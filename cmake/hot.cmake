# Which sources are hot, in one place. Hot is what handles each part, packet, message or byte of the media: it is
# compiled as the preset says (-O2). The rest runs at the start, once per connection or request, or in a command that
# waits for the network; there the release presets take -O1, which costs a third less time of the compiler.
# A folder that is not named is hot.
set(FRAMEWIRE_COLD_FOLDERS
    codec                # jobs for child processes: their texts. codec/child is hot
    codec/child/main     # the list of commands
    codec/child/start    # a child's beginning
    relay/access         # a request is judged
    relay/access/jwt
    relay/cluster        # names and links: a text here and there. Links' bytes go by at a node's rate, not a viewer's
    relay/control        # the control API
    relay/fetch          # asking other servers
    relay/render         # films of pages: their children do the work
    relay/services
    relay/tls            # certificates; records are relay/server/tls_writer.cpp
    tools                # the command line. tools/bench is hot: it measures
    tools/base
    tools/doctor
    tools/media
    tools/posts
    tools/serving
    tools/token)

# Cold ones among the hot: what is said to operators and pages, what is done once per connection.
set(FRAMEWIRE_COLD_SOURCES
    relay/server/per_address_limit.cpp
    relay/server/admission.cpp
    relay/server/control_answer.cpp
    relay/server/control_config.cpp
    relay/server/control_render.cpp
    relay/server/event_answer.cpp
    relay/server/http_answer.cpp
    relay/server/listener.cpp
    relay/server/loop_sessions.cpp
    relay/server/lws_log.cpp
    relay/server/memory_reserve.cpp
    relay/server/recording_answer.cpp
    relay/server/renewal.cpp
    relay/server/routes.cpp
    relay/server/server.cpp
    relay/server/ws_denied.cpp)

foreach(path IN LISTS FRAMEWIRE_COLD_FOLDERS FRAMEWIRE_COLD_SOURCES)
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${path})
    message(FATAL_ERROR "cmake/hot.cmake: there is no ${path}")
  endif()
endforeach()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(FRAMEWIRE_COLD_OPTIONS -O1)
endif()

# Gives the cold sources of `target` their options.
function(framewire_cold target)
  if(NOT FRAMEWIRE_COLD_OPTIONS)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${source})
    cmake_path(GET path PARENT_PATH folder)
    if(folder IN_LIST FRAMEWIRE_COLD_FOLDERS OR path IN_LIST FRAMEWIRE_COLD_SOURCES)
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS ${FRAMEWIRE_COLD_OPTIONS})
    endif()
  endforeach()
endfunction()
